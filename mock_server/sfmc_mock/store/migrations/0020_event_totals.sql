-- Counters of definitions take what was counted before (`sfmc_mock.store.event_totals`), and count what came
-- later.

CREATE VIEW later_event AS SELECT * FROM visible_event WHERE id > (SELECT counted_until());

CREATE VIEW event_kind AS SELECT column1 AS type FROM (VALUES
  ('Sent'), ('DeliveredEvent'), ('NotSent'), ('HardBounce'), ('SoftBounce'), ('OtherBounce'), ('Open'), ('Click'),
  ('Unsubscribe'), ('Survey'), ('ForwardedEmail'), ('ForwardedEmailOptIn'));

-- Events of each type of a job, and the messages that have one: kept of opens and clicks only.
CREATE VIEW job_total AS SELECT
  j.id AS job_id,
  j.definition_id,
  k.type,
  counted_events(j.id, k.type)
  + (SELECT count(*) FROM later_event e WHERE e.type = k.type AND e.job_id = j.id) AS events,
  counted_messages(j.id, k.type)
  + (SELECT count(DISTINCT e.batch_id * 4294967296 + e.subscriber_id) FROM later_event e
     WHERE e.type = k.type AND e.job_id = j.id AND NOT EXISTS (
       SELECT 1 FROM event f WHERE f.job_id = e.job_id AND f.batch_id = e.batch_id
       AND f.subscriber_id = e.subscriber_id AND f.type = e.type AND f.id <= (SELECT counted_until()))) AS messages
FROM job j, event_kind k;

DROP VIEW "api_TriggeredSendSummary";

CREATE VIEW "api_TriggeredSendSummary" AS SELECT
  d.id AS rowkey,
  d.object_id AS "ObjectID",
  d.customer_key AS "CustomerKey",
  d.object_id AS "TriggeredSendDefinition.ObjectID",
  (SELECT mid FROM account_id) AS "Client.ID",
  (SELECT COALESCE(sum(t.events), 0) FROM job_total t WHERE t.definition_id = d.id AND t.type = 'Sent') AS "Sent",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'NotSent'
   AND e.error_code IN (1, 3, 28, 31, 33, 118, 119, 1000, 1010, 1020)
   AND e.job_id IN (SELECT id FROM job WHERE definition_id = d.id)) AS "NotSentDueToOptOut",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'NotSent'
   AND e.error_code IN (2, 1030)
   AND e.job_id IN (SELECT id FROM job WHERE definition_id = d.id)) AS "NotSentDueToUndeliverable",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'NotSent'
   AND e.error_code NOT IN (1, 2, 3, 28, 31, 33, 118, 119, 1000, 1010, 1020, 1030)
   AND e.job_id IN (SELECT id FROM job WHERE definition_id = d.id)) AS "NotSentDueToError",
  (SELECT COALESCE(sum(t.events), 0) FROM job_total t WHERE t.definition_id = d.id
   AND t.type IN ('HardBounce', 'SoftBounce', 'OtherBounce')) AS "Bounces",
  (SELECT COALESCE(sum(t.events), 0) FROM job_total t WHERE t.definition_id = d.id AND t.type = 'Open') AS "Opens",
  (SELECT COALESCE(sum(t.events), 0) FROM job_total t WHERE t.definition_id = d.id AND t.type = 'Click') AS "Clicks",
  (SELECT COALESCE(sum(t.messages), 0) FROM job_total t WHERE t.definition_id = d.id AND t.type = 'Open') AS "UniqueOpens",
  (SELECT COALESCE(sum(t.messages), 0) FROM job_total t WHERE t.definition_id = d.id AND t.type = 'Click') AS "UniqueClicks",
  (SELECT COALESCE(sum(t.events), 0) FROM job_total t WHERE t.definition_id = d.id AND t.type = 'Unsubscribe') AS "OptOuts",
  (SELECT COALESCE(sum(t.events), 0) FROM job_total t WHERE t.definition_id = d.id AND t.type = 'Survey') AS "SurveyResponses",
  (SELECT COALESCE(sum(t.events), 0) FROM job_total t WHERE t.definition_id = d.id AND t.type = 'ForwardedEmail') AS "FTAFRequests",
  (SELECT COALESCE(sum(t.events), 0) FROM job_total t WHERE t.definition_id = d.id AND t.type = 'ForwardedEmail') AS "FTAFEmailsSent",
  (SELECT COALESCE(sum(t.events), 0) FROM job_total t WHERE t.definition_id = d.id AND t.type = 'ForwardedEmailOptIn') AS "FTAFOptIns",
  0 AS "Conversions",
  0 AS "UniqueConversions",
  0 AS "InProcess",
  (SELECT count(*) FROM message m JOIN send s ON s.id = m.send_id
   WHERE s.definition_id = d.id AND m.outcome = 'queued') AS "Queued"
FROM triggered_send_definition d;
