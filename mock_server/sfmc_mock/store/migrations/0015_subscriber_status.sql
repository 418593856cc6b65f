-- Changes of the status of subscribers on All Subscribers, in their order.
CREATE TABLE subscriber_status_event (
  id INTEGER PRIMARY KEY,
  subscriber_id INTEGER NOT NULL,
  subscriber_key TEXT NOT NULL COLLATE NOCASE,
  previous_status TEXT NOT NULL,
  current_status TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX subscriber_status_event_key ON subscriber_status_event (subscriber_key);
