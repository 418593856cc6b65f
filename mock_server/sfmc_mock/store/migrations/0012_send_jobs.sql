-- Jobs that no triggered send definition has: of an email send definition, or a Send. Their status is kept: Scheduled,
-- Paused, Sending, Complete, Canceled or Deleted. What they send to whom is JSON (sfmc_mock.account.send_jobs).
ALTER TABLE job ADD COLUMN status TEXT;
ALTER TABLE job ADD COLUMN send_at TEXT;
ALTER TABLE job ADD COLUMN sent_at TEXT;
ALTER TABLE job ADD COLUMN modified_at TEXT;
ALTER TABLE job ADD COLUMN duplicates INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN additional TEXT;
ALTER TABLE job ADD COLUMN bcc_email TEXT;
ALTER TABLE job ADD COLUMN is_transactional INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN is_test INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN email_send_definition_object_id TEXT;
ALTER TABLE job ADD COLUMN email_send_definition_key TEXT COLLATE NOCASE;
ALTER TABLE job ADD COLUMN terms TEXT;
CREATE INDEX job_email_send_definition ON job (email_send_definition_object_id);

-- Which lists a job goes to.
CREATE TABLE job_list (
  job_id INTEGER NOT NULL REFERENCES job (id),
  list_id INTEGER NOT NULL,
  PRIMARY KEY (job_id, list_id)
) STRICT, WITHOUT ROWID;
INSERT INTO job_list (job_id, list_id) SELECT id, list_id FROM job;

DROP VIEW "api_ListSend";
DROP VIEW "api_Send";
-- What a job came to is counted in memory (`sfmc_mock.store.event_totals`). Messages that were sent are counted by their
-- Sent events, seen or not: each has one, and the index of the messages of a job (0021_unsent_of_job) leaves them out.
CREATE VIEW "api_Send" AS SELECT
  j.id AS rowkey,
  j.id AS "ID",
  NULL AS "PartnerKey",
  j.started_at AS "CreatedDate",
  COALESCE(j.modified_at, j.started_at) AS "ModifiedDate",
  (SELECT mid FROM account_id) AS "Client.ID",
  NULL AS "Client.PartnerClientKey",
  j.email_id AS "Email.ID",
  NULL AS "Email.PartnerKey",
  j.list_id AS "List.ID",
  COALESCE(j.send_at, j.started_at) AS "SendDate",
  CASE WHEN j.status IS NULL THEN j.started_at ELSE j.sent_at END AS "SentDate",
  j.from_address AS "FromAddress",
  j.from_name AS "FromName",
  j.duplicates AS "Duplicates",
  (SELECT count(*) FROM message m WHERE m.job_id = j.id AND m.error_code = 5) AS "InvalidAddresses",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'NotSent'
   AND e.error_code IN (2, 1030)
   AND e.job_id = j.id) AS "ExistingUndeliverables",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'NotSent'
   AND e.error_code IN (1, 3, 28, 31, 33, 118, 119, 1000, 1010, 1020)
   AND e.job_id = j.id) AS "ExistingUnsubscribes",
  counted_events(j.id, 'HardBounce') AS "HardBounces",
  counted_events(j.id, 'SoftBounce') AS "SoftBounces",
  counted_events(j.id, 'OtherBounce') AS "OtherBounces",
  counted_events(j.id, 'ForwardedEmail') AS "ForwardedEmails",
  counted_messages(j.id, 'Click') AS "UniqueClicks",
  counted_messages(j.id, 'Open') AS "UniqueOpens",
  counted_events(j.id, 'Sent') AS "NumberSent",
  counted_events(j.id, 'DeliveredEvent') AS "NumberDelivered",
  counted_events(j.id, 'Unsubscribe') AS "Unsubscribes",
  (SELECT count(*) FROM message m WHERE m.job_id = j.id AND m.error_code = 4) AS "MissingAddresses",
  (SELECT count(*) FROM event e WHERE e.type = 'Sent' AND e.job_id = j.id)
   + (SELECT count(*) FROM message m WHERE m.job_id = j.id AND m.outcome = 'refused' AND m.outcome <> 'sent')
   AS "NumberTargeted",
  (SELECT count(*) FROM message m WHERE m.job_id = j.id AND m.outcome = 'refused' AND m.outcome <> 'sent') AS "NumberErrored",
  counted_events(j.id, 'NotSent') AS "NumberExcluded",
  j.subject AS "Subject",
  NULL AS "PreviewURL",
  j.email_name AS "EmailName",
  COALESCE(j.status, CASE WHEN d.job_id = j.id AND d.status = 'Active' THEN 'Sending' ELSE 'Complete' END) AS "Status",
  j.is_multipart AS "IsMultipart",
  NULL AS "SendLimit",
  NULL AS "SendWindowOpen",
  NULL AS "SendWindowClose",
  j.status IS NULL AS "IsAlwaysOn",
  j.additional AS "Additional",
  COALESCE(j.bcc_email, d.bcc_email) AS "BccEmail",
  j.email_send_definition_object_id AS "EmailSendDefinition.ObjectID",
  j.email_send_definition_key AS "EmailSendDefinition.CustomerKey"
FROM job j LEFT JOIN triggered_send_definition d ON d.id = j.definition_id;

-- What became of a job on each list.
CREATE VIEW "api_ListSend" AS SELECT
  l.job_id * 4294967296 + l.list_id AS rowkey,
  j.id AS "ID",
  j.id AS "SendID",
  NULL AS "PartnerKey",
  j.started_at AS "CreatedDate",
  COALESCE(j.modified_at, j.started_at) AS "ModifiedDate",
  (SELECT mid FROM account_id) AS "Client.ID",
  NULL AS "Client.PartnerClientKey",
  l.list_id AS "List.ID",
  n.name AS "List.ListName",
  j.duplicates AS "Duplicates",
  (SELECT count(*) FROM message m WHERE m.job_id = j.id AND m.list_id = l.list_id AND m.error_code = 5) AS "InvalidAddresses",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'NotSent'
   AND e.error_code IN (2, 1030)
   AND e.job_id = j.id AND e.list_id = l.list_id) AS "ExistingUndeliverables",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'NotSent'
   AND e.error_code IN (1, 3, 28, 31, 33, 118, 119, 1000, 1010, 1020)
   AND e.job_id = j.id AND e.list_id = l.list_id) AS "ExistingUnsubscribes",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'HardBounce' AND e.job_id = j.id AND e.list_id = l.list_id) AS "HardBounces",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'SoftBounce' AND e.job_id = j.id AND e.list_id = l.list_id) AS "SoftBounces",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'OtherBounce' AND e.job_id = j.id AND e.list_id = l.list_id) AS "OtherBounces",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'ForwardedEmail' AND e.job_id = j.id AND e.list_id = l.list_id) AS "ForwardedEmails",
  (SELECT count(DISTINCT e.job_id || '.' || e.batch_id || '.' || e.subscriber_id) FROM visible_event e
   WHERE e.type = 'Click' AND e.job_id = j.id AND e.list_id = l.list_id) AS "UniqueClicks",
  (SELECT count(DISTINCT e.job_id || '.' || e.batch_id || '.' || e.subscriber_id) FROM visible_event e
   WHERE e.type = 'Open' AND e.job_id = j.id AND e.list_id = l.list_id) AS "UniqueOpens",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'Sent' AND e.job_id = j.id AND e.list_id = l.list_id) AS "NumberSent",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'DeliveredEvent' AND e.job_id = j.id AND e.list_id = l.list_id) AS "NumberDelivered",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'Unsubscribe' AND e.job_id = j.id AND e.list_id = l.list_id) AS "Unsubscribes",
  (SELECT count(*) FROM message m WHERE m.job_id = j.id AND m.list_id = l.list_id AND m.error_code = 4) AS "MissingAddresses",
  NULL AS "PreviewURL"
FROM job_list l JOIN job j ON j.id = l.job_id LEFT JOIN list n ON n.id = l.list_id;
