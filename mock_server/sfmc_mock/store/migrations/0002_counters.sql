-- Counters are computed from the events that can be seen, and from the decisions on messages: they cannot disagree.
-- account_now() is the account's time, as the emulator gives it to its own connection; in a query of its own it is asked
-- once, not for each row.

CREATE VIEW visible_event AS SELECT * FROM event WHERE visible_at <= (SELECT account_now());
