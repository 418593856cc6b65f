-- Counters are computed from the events that can be seen, and from the decisions on messages: they cannot disagree.
-- account_now() is the account's time, as the emulator gives it to its own connection; in a query of its own it is asked
-- once, not for each row. A plus keeps SQLite from looking for the least of all times by their index.

CREATE VIEW visible_event AS SELECT * FROM event WHERE visible_at <= (SELECT account_now());

CREATE VIEW "api_TriggeredSendSummary" AS SELECT
  d.id AS rowkey,
  d.object_id AS "ObjectID",
  d.customer_key AS "CustomerKey",
  d.object_id AS "TriggeredSendDefinition.ObjectID",
  (SELECT mid FROM account_id) AS "Client.ID",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'Sent'
   AND e.job_id IN (SELECT id FROM job WHERE definition_id = d.id)) AS "Sent",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'NotSent'
   AND e.error_code IN (1, 3, 28, 31, 33, 118, 119, 1000, 1010, 1020)
   AND e.job_id IN (SELECT id FROM job WHERE definition_id = d.id)) AS "NotSentDueToOptOut",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'NotSent'
   AND e.error_code IN (2, 1030)
   AND e.job_id IN (SELECT id FROM job WHERE definition_id = d.id)) AS "NotSentDueToUndeliverable",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'NotSent'
   AND e.error_code NOT IN (1, 2, 3, 28, 31, 33, 118, 119, 1000, 1010, 1020, 1030)
   AND e.job_id IN (SELECT id FROM job WHERE definition_id = d.id)) AS "NotSentDueToError",
  (SELECT count(*) FROM visible_event e WHERE e.type IN ('HardBounce', 'SoftBounce', 'OtherBounce')
   AND e.job_id IN (SELECT id FROM job WHERE definition_id = d.id)) AS "Bounces",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'Open'
   AND e.job_id IN (SELECT id FROM job WHERE definition_id = d.id)) AS "Opens",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'Click'
   AND e.job_id IN (SELECT id FROM job WHERE definition_id = d.id)) AS "Clicks",
  (SELECT count(DISTINCT e.job_id || '.' || e.batch_id || '.' || e.subscriber_id) FROM visible_event e
   WHERE e.type = 'Open' AND e.job_id IN (SELECT id FROM job WHERE definition_id = d.id)) AS "UniqueOpens",
  (SELECT count(DISTINCT e.job_id || '.' || e.batch_id || '.' || e.subscriber_id) FROM visible_event e
   WHERE e.type = 'Click' AND e.job_id IN (SELECT id FROM job WHERE definition_id = d.id)) AS "UniqueClicks",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'Unsubscribe'
   AND e.job_id IN (SELECT id FROM job WHERE definition_id = d.id)) AS "OptOuts",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'Survey'
   AND e.job_id IN (SELECT id FROM job WHERE definition_id = d.id)) AS "SurveyResponses",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'ForwardedEmail'
   AND e.job_id IN (SELECT id FROM job WHERE definition_id = d.id)) AS "FTAFRequests",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'ForwardedEmail'
   AND e.job_id IN (SELECT id FROM job WHERE definition_id = d.id)) AS "FTAFEmailsSent",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'ForwardedEmailOptIn'
   AND e.job_id IN (SELECT id FROM job WHERE definition_id = d.id)) AS "FTAFOptIns",
  0 AS "Conversions",
  0 AS "UniqueConversions",
  0 AS "InProcess",
  (SELECT count(*) FROM message m JOIN send s ON s.id = m.send_id
   WHERE s.definition_id = d.id AND m.outcome = 'queued') AS "Queued"
FROM triggered_send_definition d;

CREATE VIEW "api_Send" AS SELECT
  j.id AS rowkey,
  j.id AS "ID",
  NULL AS "PartnerKey",
  j.started_at AS "CreatedDate",
  j.started_at AS "ModifiedDate",
  (SELECT mid FROM account_id) AS "Client.ID",
  NULL AS "Client.PartnerClientKey",
  j.email_id AS "Email.ID",
  NULL AS "Email.PartnerKey",
  j.list_id AS "List.ID",
  j.started_at AS "SendDate",
  j.started_at AS "SentDate",
  j.from_address AS "FromAddress",
  j.from_name AS "FromName",
  0 AS "Duplicates",
  (SELECT count(*) FROM message m WHERE m.job_id = j.id AND m.error_code = 5) AS "InvalidAddresses",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'NotSent'
   AND e.error_code IN (2, 1030)
   AND e.job_id = j.id) AS "ExistingUndeliverables",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'NotSent'
   AND e.error_code IN (1, 3, 28, 31, 33, 118, 119, 1000, 1010, 1020)
   AND e.job_id = j.id) AS "ExistingUnsubscribes",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'HardBounce' AND e.job_id = j.id) AS "HardBounces",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'SoftBounce' AND e.job_id = j.id) AS "SoftBounces",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'OtherBounce' AND e.job_id = j.id) AS "OtherBounces",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'ForwardedEmail' AND e.job_id = j.id) AS "ForwardedEmails",
  (SELECT count(DISTINCT e.job_id || '.' || e.batch_id || '.' || e.subscriber_id) FROM visible_event e
   WHERE e.type = 'Click' AND e.job_id = j.id) AS "UniqueClicks",
  (SELECT count(DISTINCT e.job_id || '.' || e.batch_id || '.' || e.subscriber_id) FROM visible_event e
   WHERE e.type = 'Open' AND e.job_id = j.id) AS "UniqueOpens",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'Sent' AND e.job_id = j.id) AS "NumberSent",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'DeliveredEvent' AND e.job_id = j.id) AS "NumberDelivered",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'Unsubscribe' AND e.job_id = j.id) AS "Unsubscribes",
  (SELECT count(*) FROM message m WHERE m.job_id = j.id AND m.error_code = 4) AS "MissingAddresses",
  (SELECT count(*) FROM message m WHERE m.job_id = j.id) AS "NumberTargeted",
  (SELECT count(*) FROM message m WHERE m.job_id = j.id AND m.outcome = 'refused') AS "NumberErrored",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'NotSent' AND e.job_id = j.id) AS "NumberExcluded",
  j.subject AS "Subject",
  NULL AS "PreviewURL",
  j.email_name AS "EmailName",
  CASE WHEN d.job_id = j.id AND d.status = 'Active' THEN 'Sending' ELSE 'Complete' END AS "Status",
  j.is_multipart AS "IsMultipart",
  NULL AS "SendLimit",
  NULL AS "SendWindowOpen",
  NULL AS "SendWindowClose",
  1 AS "IsAlwaysOn",
  NULL AS "Additional",
  d.bcc_email AS "BccEmail",
  NULL AS "EmailSendDefinition.ObjectID",
  NULL AS "EmailSendDefinition.CustomerKey"
FROM job j LEFT JOIN triggered_send_definition d ON d.id = j.definition_id;

-- A job goes to one list, so what became of it on the list is what became of it.
CREATE VIEW "api_ListSend" AS SELECT
  s.rowkey,
  s."ID",
  s."ID" AS "SendID",
  s."PartnerKey",
  s."CreatedDate",
  s."ModifiedDate",
  s."Client.ID",
  s."Client.PartnerClientKey",
  s."List.ID",
  n.name AS "List.ListName",
  s."Duplicates",
  s."InvalidAddresses",
  s."ExistingUndeliverables",
  s."ExistingUnsubscribes",
  s."HardBounces",
  s."SoftBounces",
  s."OtherBounces",
  s."ForwardedEmails",
  s."UniqueClicks",
  s."UniqueOpens",
  s."NumberSent",
  s."NumberDelivered",
  s."Unsubscribes",
  s."MissingAddresses",
  s."PreviewURL"
FROM "api_Send" s LEFT JOIN list n ON n.id = s."List.ID";

CREATE VIEW "api_LinkSend" AS SELECT
  l.url_id AS rowkey,
  l.url_id AS "ID",
  NULL AS "PartnerKey",
  l.job_id AS "SendID",
  (SELECT mid FROM account_id) AS "Client.ID",
  NULL AS "Client.PartnerClientKey",
  l.url_id AS "Link.ID",
  l.url AS "Link.URL",
  l.alias AS "Link.Alias",
  NULL AS "Link.PartnerKey",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'Click' AND e.job_id = l.job_id AND e.url_id = l.url_id) AS "Link.TotalClicks",
  (SELECT count(DISTINCT e.job_id || '.' || e.batch_id || '.' || e.subscriber_id) FROM visible_event e
   WHERE e.type = 'Click' AND e.job_id = l.job_id AND e.url_id = l.url_id) AS "Link.UniqueClicks",
  (SELECT max(+e.happens_at) FROM visible_event e WHERE e.type = 'Click'
   AND e.job_id = l.job_id AND e.url_id = l.url_id) AS "Link.LastClicked"
FROM link l;

-- One row for each subscriber of a job, whatever the number of messages.
CREATE VIEW "api_SubscriberSendResult" AS SELECT
  s.id AS rowkey,
  s.id AS "ID",
  NULL AS "PartnerKey",
  (SELECT mid FROM account_id) AS "Client.ID",
  s.job_id AS "Send.ID",
  j.email_id AS "Email.ID",
  j.email_name AS "Email.Name",
  s.subscriber_id AS "Subscriber.ID",
  s.subscriber_key AS "Subscriber.SubscriberKey",
  (SELECT m.email_address FROM message m
   WHERE m.job_id = s.job_id AND m.batch_id = s.batch_id AND m.subscriber_id = s.subscriber_id) AS "Subscriber.EmailAddress",
  (SELECT min(+e.happens_at) FROM visible_event e WHERE e.type = 'Sent'
   AND e.subscriber_key = s.subscriber_key AND e.job_id = s.job_id) AS "SentDate",
  (SELECT min(+e.happens_at) FROM visible_event e WHERE e.type = 'Open'
   AND e.subscriber_key = s.subscriber_key AND e.job_id = s.job_id) AS "OpenDate",
  (SELECT max(+e.happens_at) FROM visible_event e WHERE e.type = 'Click'
   AND e.subscriber_key = s.subscriber_key AND e.job_id = s.job_id) AS "ClickDate",
  (SELECT max(+e.happens_at) FROM visible_event e WHERE e.type IN ('HardBounce', 'SoftBounce', 'OtherBounce')
   AND e.subscriber_key = s.subscriber_key AND e.job_id = s.job_id) AS "BounceDate",
  (SELECT min(+e.happens_at) FROM visible_event e WHERE e.type = 'Unsubscribe'
   AND e.subscriber_key = s.subscriber_key AND e.job_id = s.job_id) AS "UnsubscribeDate",
  (SELECT e.type FROM visible_event e
   WHERE e.type IN ('Sent', 'Open', 'Click', 'HardBounce', 'SoftBounce', 'OtherBounce', 'Unsubscribe')
   AND e.subscriber_key = s.subscriber_key AND e.job_id = s.job_id
   ORDER BY e.happens_at DESC, e.id DESC LIMIT 1) AS "LastAction",
  j.from_address AS "FromAddress",
  j.from_name AS "FromName",
  j.subject AS "Subject",
  NULL AS "ViewSentEmailURL",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'Click'
   AND e.subscriber_key = s.subscriber_key AND e.job_id = s.job_id) AS "TotalClicks",
  (SELECT count(DISTINCT e.url_id) FROM visible_event e WHERE e.type = 'Click'
   AND e.subscriber_key = s.subscriber_key AND e.job_id = s.job_id) AS "UniqueClicks",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'HardBounce'
   AND e.subscriber_key = s.subscriber_key AND e.job_id = s.job_id) AS "HardBounces",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'SoftBounce'
   AND e.subscriber_key = s.subscriber_key AND e.job_id = s.job_id) AS "SoftBounces",
  (SELECT count(*) FROM visible_event e WHERE e.type = 'OtherBounce'
   AND e.subscriber_key = s.subscriber_key AND e.job_id = s.job_id) AS "OtherBounces"
FROM visible_event s JOIN job j ON j.id = s.job_id
WHERE s.type = 'Sent' AND NOT EXISTS (
  SELECT 1 FROM visible_event e WHERE e.type = 'Sent' AND e.subscriber_key = s.subscriber_key AND e.job_id = s.job_id
  AND e.id < s.id);
