-- What belongs to one message or one subscriber stands next to each other in the indexes, so that a send changes few pages.

DROP INDEX message_flow;
CREATE INDEX message_job ON message (job_id, outcome, error_code);

DROP INDEX event_flow;
DROP INDEX event_subscriber;
CREATE INDEX event_message ON event (job_id, batch_id, subscriber_id);
CREATE INDEX event_subscriber ON event (subscriber_key, type);

-- SQLite chooses between the indexes of events by these numbers: rows of the table, and rows for each value of the first
-- column, of the first two, and so on. They are those of a large account; without them it takes the index of a whole job
-- for one subscriber.

ANALYZE setting;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('event', 'event_message', '10000000 1000000 1500 3'),
  ('event', 'event_subscriber', '10000000 20 5'),
  ('event', 'event_time', '10000000 1000000 50'),
  ('event', 'event_type', '10000000 1000000'),
  ('event', 'event_job', '10000000 1000000 200000');
ANALYZE sqlite_schema;
