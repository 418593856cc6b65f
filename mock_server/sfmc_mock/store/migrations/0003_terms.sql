-- What sends depend on beside their subscribers is kept in memory, and read again when its version is another. The number
-- is drawn, not counted up: one that was rolled back must not come again.

INSERT INTO counter (name, value) VALUES ('terms', 0);

CREATE TRIGGER terms_setting_insert AFTER INSERT ON setting BEGIN UPDATE counter SET value = random() WHERE name = 'terms'; END;
CREATE TRIGGER terms_setting_update AFTER UPDATE ON setting BEGIN UPDATE counter SET value = random() WHERE name = 'terms'; END;
CREATE TRIGGER terms_setting_delete AFTER DELETE ON setting BEGIN UPDATE counter SET value = random() WHERE name = 'terms'; END;

CREATE TRIGGER terms_profile_attribute_insert AFTER INSERT ON profile_attribute BEGIN UPDATE counter SET value = random() WHERE name = 'terms'; END;
CREATE TRIGGER terms_profile_attribute_update AFTER UPDATE ON profile_attribute BEGIN UPDATE counter SET value = random() WHERE name = 'terms'; END;
CREATE TRIGGER terms_profile_attribute_delete AFTER DELETE ON profile_attribute BEGIN UPDATE counter SET value = random() WHERE name = 'terms'; END;

CREATE TRIGGER terms_list_insert AFTER INSERT ON list BEGIN UPDATE counter SET value = random() WHERE name = 'terms'; END;
CREATE TRIGGER terms_list_update AFTER UPDATE ON list BEGIN UPDATE counter SET value = random() WHERE name = 'terms'; END;
CREATE TRIGGER terms_list_delete AFTER DELETE ON list BEGIN UPDATE counter SET value = random() WHERE name = 'terms'; END;

CREATE TRIGGER terms_send_classification_insert AFTER INSERT ON send_classification BEGIN UPDATE counter SET value = random() WHERE name = 'terms'; END;
CREATE TRIGGER terms_send_classification_update AFTER UPDATE ON send_classification BEGIN UPDATE counter SET value = random() WHERE name = 'terms'; END;
CREATE TRIGGER terms_send_classification_delete AFTER DELETE ON send_classification BEGIN UPDATE counter SET value = random() WHERE name = 'terms'; END;

CREATE TRIGGER terms_triggered_send_definition_insert AFTER INSERT ON triggered_send_definition BEGIN UPDATE counter SET value = random() WHERE name = 'terms'; END;
CREATE TRIGGER terms_triggered_send_definition_update AFTER UPDATE ON triggered_send_definition BEGIN UPDATE counter SET value = random() WHERE name = 'terms'; END;
CREATE TRIGGER terms_triggered_send_definition_delete AFTER DELETE ON triggered_send_definition BEGIN UPDATE counter SET value = random() WHERE name = 'terms'; END;
