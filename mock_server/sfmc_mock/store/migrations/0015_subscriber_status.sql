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

CREATE VIEW "api_SubscriberStatusEvent" AS SELECT
  s.id AS rowkey,
  lower(printf('%08x-0000-0000-0000-%012x', s.id, s.subscriber_id)) AS "ObjectID",
  s.subscriber_id AS "SubscriberID",
  (SELECT mid FROM account_id) AS "Client.ID",
  CASE s.current_status WHEN 'Active' THEN 'Normal' WHEN 'Unsubscribed' THEN 'Unsub' ELSE s.current_status END
    COLLATE NOCASE AS "CurrentStatus",
  CASE s.previous_status WHEN 'Active' THEN 'Normal' WHEN 'Unsubscribed' THEN 'Unsub' ELSE s.previous_status END
    COLLATE NOCASE AS "PreviousStatus",
  s.created_at AS "CreatedDate",
  s.subscriber_key AS "SubscriberKey",
  CASE s.current_status WHEN 'Unsubscribed' THEN (
    SELECT e.reason FROM event e WHERE e.subscriber_key = s.subscriber_key AND e.type = 'Unsubscribe'
    AND e.happens_at <= s.created_at ORDER BY e.happens_at DESC, e.id DESC LIMIT 1) END AS "ReasonUnsub"
FROM subscriber_status_event s;
