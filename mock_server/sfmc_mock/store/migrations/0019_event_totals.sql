-- Counters of definitions take what is counted in memory (`sfmc_mock.store.event_totals`).

DROP VIEW "api_TriggeredSendSummary";

CREATE VIEW "api_TriggeredSendSummary" AS SELECT
  d.id AS rowkey,
  d.object_id AS "ObjectID",
  d.customer_key AS "CustomerKey",
  d.object_id AS "TriggeredSendDefinition.ObjectID",
  (SELECT mid FROM account_id) AS "Client.ID",
  (SELECT COALESCE(sum(counted_events(j.id, 'Sent')), 0) FROM job j WHERE j.definition_id = d.id) AS "Sent",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'NotSent'
   AND e.error_code IN (1, 3, 28, 31, 33, 118, 119, 1000, 1010, 1020)
   AND e.job_id IN (SELECT id FROM job WHERE definition_id = d.id)) AS "NotSentDueToOptOut",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'NotSent'
   AND e.error_code IN (2, 1030)
   AND e.job_id IN (SELECT id FROM job WHERE definition_id = d.id)) AS "NotSentDueToUndeliverable",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'NotSent'
   AND e.error_code NOT IN (1, 2, 3, 28, 31, 33, 118, 119, 1000, 1010, 1020, 1030)
   AND e.job_id IN (SELECT id FROM job WHERE definition_id = d.id)) AS "NotSentDueToError",
  (SELECT COALESCE(sum(counted_events(j.id, 'HardBounce') + counted_events(j.id, 'SoftBounce')
   + counted_events(j.id, 'OtherBounce')), 0) FROM job j WHERE j.definition_id = d.id) AS "Bounces",
  (SELECT COALESCE(sum(counted_events(j.id, 'Open')), 0) FROM job j WHERE j.definition_id = d.id) AS "Opens",
  (SELECT COALESCE(sum(counted_events(j.id, 'Click')), 0) FROM job j WHERE j.definition_id = d.id) AS "Clicks",
  (SELECT COALESCE(sum(counted_messages(j.id, 'Open')), 0) FROM job j WHERE j.definition_id = d.id) AS "UniqueOpens",
  (SELECT COALESCE(sum(counted_messages(j.id, 'Click')), 0) FROM job j WHERE j.definition_id = d.id) AS "UniqueClicks",
  (SELECT COALESCE(sum(counted_events(j.id, 'Unsubscribe')), 0) FROM job j WHERE j.definition_id = d.id) AS "OptOuts",
  (SELECT COALESCE(sum(counted_events(j.id, 'Survey')), 0) FROM job j WHERE j.definition_id = d.id) AS "SurveyResponses",
  (SELECT COALESCE(sum(counted_events(j.id, 'ForwardedEmail')), 0) FROM job j WHERE j.definition_id = d.id) AS "FTAFRequests",
  (SELECT COALESCE(sum(counted_events(j.id, 'ForwardedEmail')), 0) FROM job j WHERE j.definition_id = d.id) AS "FTAFEmailsSent",
  (SELECT COALESCE(sum(counted_events(j.id, 'ForwardedEmailOptIn')), 0) FROM job j WHERE j.definition_id = d.id) AS "FTAFOptIns",
  0 AS "Conversions",
  0 AS "UniqueConversions",
  0 AS "InProcess",
  (SELECT count(*) FROM message m JOIN send s ON s.id = m.send_id
   WHERE s.definition_id = d.id AND m.outcome = 'queued') AS "Queued"
FROM triggered_send_definition d;
