-- What a send came to, once for each job: how many messages, and of which classification.
CREATE VIEW "api_SendSummary" AS SELECT
  j.id AS rowkey,
  (SELECT mid FROM account_id) AS "Client.ID",
  j.started_at AS "CreatedDate",
  COALESCE(j.modified_at, j.started_at) AS "ModifiedDate",
  (SELECT mid FROM account_id) AS "AccountID",
  COALESCE((SELECT value FROM setting WHERE name = 'name'), '') AS "AccountName",
  NULL AS "AccountEmail",
  0 AS "IsTestAccount",
  j.id AS "SendID",
  (SELECT max(+e.happens_at) FROM visible_event e WHERE e.type = 'DeliveredEvent' AND e.job_id = j.id) AS "DeliveredTime",
  counted_events(j.id, 'Sent') AS "TotalSent",
  CASE WHEN j.is_transactional THEN counted_events(j.id, 'Sent') ELSE 0 END AS "Transactional",
  CASE WHEN j.is_transactional THEN 0 ELSE counted_events(j.id, 'Sent') END AS "NonTransactional"
FROM job j;
