-- What sends depend on beside their subscribers is kept in memory, and read again when its version is another. The number
-- is drawn, not counted up: one that was rolled back must not come again.

INSERT INTO counter (name, value) VALUES ('terms', 0);

CREATE TRIGGER terms_setting_insert AFTER INSERT ON setting BEGIN UPDATE counter SET value = random() WHERE name = 'terms'; END;
CREATE TRIGGER terms_setting_update AFTER UPDATE ON setting BEGIN UPDATE counter SET value = random() WHERE name = 'terms'; END;
CREATE TRIGGER terms_setting_delete AFTER DELETE ON setting BEGIN UPDATE counter SET value = random() WHERE name = 'terms'; END;
