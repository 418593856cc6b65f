-- Counters of jobs take what is counted in memory, too (`sfmc_mock.store.event_totals`).

DROP VIEW "api_Send";
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

DROP VIEW "api_SendSummary";
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
