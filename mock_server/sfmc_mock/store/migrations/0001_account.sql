-- One account. Times are texts in server time (UTC-6) with milliseconds; flags are 0 or 1.
-- The views at the end are what Retrieve reads: api_<API object>, columns named like the properties.

CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE clock (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  running INTEGER NOT NULL,
  -- The account's time at the moment `system_time` (seconds since 1970) of the machine.
  account_time TEXT NOT NULL,
  system_time REAL NOT NULL
) STRICT;

CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- Who may call.

CREATE TABLE api_user (username TEXT PRIMARY KEY, password TEXT NOT NULL) STRICT;
CREATE TABLE package (client_id TEXT PRIMARY KEY, client_secret TEXT NOT NULL) STRICT;
CREATE TABLE token (
  token TEXT PRIMARY KEY,
  client_id TEXT NOT NULL,
  expires_at TEXT NOT NULL
) STRICT;

-- Folders, lists, subscribers.

CREATE TABLE folder (
  id INTEGER PRIMARY KEY,
  object_id TEXT NOT NULL,
  -- A folder that came without a key has none.
  customer_key TEXT COLLATE NOCASE UNIQUE,
  -- 0 for a root folder.
  parent_id INTEGER NOT NULL,
  name TEXT NOT NULL COLLATE NOCASE,
  description TEXT NOT NULL,
  content_type TEXT NOT NULL COLLATE NOCASE,
  is_active INTEGER NOT NULL,
  is_editable INTEGER NOT NULL,
  allow_children INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  modified_at TEXT NOT NULL
) STRICT;
CREATE INDEX folder_parent ON folder (parent_id);

CREATE TABLE list (
  id INTEGER PRIMARY KEY,
  object_id TEXT NOT NULL,
  customer_key TEXT NOT NULL COLLATE NOCASE UNIQUE,
  name TEXT NOT NULL COLLATE NOCASE,
  category_id INTEGER,
  type TEXT NOT NULL COLLATE NOCASE,
  description TEXT NOT NULL,
  classification TEXT NOT NULL COLLATE NOCASE,
  is_all_subscribers INTEGER NOT NULL,
  automated_email_id INTEGER REFERENCES email (id) ON DELETE SET NULL,
  send_classification_id INTEGER REFERENCES send_classification (id) ON DELETE SET NULL,
  created_at TEXT NOT NULL,
  modified_at TEXT NOT NULL
) STRICT;

CREATE TABLE profile_attribute (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL COLLATE NOCASE UNIQUE,
  property_type TEXT NOT NULL,
  label TEXT NOT NULL,
  description TEXT NOT NULL,
  default_value TEXT NOT NULL,
  min_length INTEGER,
  max_length INTEGER,
  min_value TEXT,
  max_value TEXT,
  is_required INTEGER NOT NULL,
  is_viewable INTEGER NOT NULL,
  is_editable INTEGER NOT NULL,
  is_send_time INTEGER NOT NULL,
  is_restricted_picklist INTEGER NOT NULL,
  -- JSON: a list of {label, value, is_default}
  picklist TEXT NOT NULL,
  display_order INTEGER NOT NULL
) STRICT;

CREATE TABLE subscriber (
  id INTEGER PRIMARY KEY,
  subscriber_key TEXT NOT NULL COLLATE NOCASE UNIQUE,
  email_address TEXT NOT NULL COLLATE NOCASE,
  status TEXT NOT NULL COLLATE NOCASE,
  email_type TEXT NOT NULL COLLATE NOCASE,
  partner_key TEXT,
  -- JSON: profile attribute name -> value
  attributes TEXT NOT NULL,
  created_at TEXT NOT NULL,
  modified_at TEXT NOT NULL,
  unsubscribed_at TEXT
) STRICT;
CREATE INDEX subscriber_email_address ON subscriber (email_address);

CREATE TABLE list_subscriber (
  id INTEGER PRIMARY KEY,
  list_id INTEGER NOT NULL REFERENCES list (id) ON DELETE CASCADE,
  subscriber_id INTEGER NOT NULL REFERENCES subscriber (id) ON DELETE CASCADE,
  status TEXT NOT NULL COLLATE NOCASE,
  created_at TEXT NOT NULL,
  modified_at TEXT NOT NULL,
  UNIQUE (subscriber_id, list_id)
) STRICT;
-- Gives the members of a list in the order of their rows, for paging.
CREATE INDEX list_subscriber_list ON list_subscriber (list_id);

-- What is sent, and how.

CREATE TABLE email (
  id INTEGER PRIMARY KEY,
  customer_key TEXT NOT NULL COLLATE NOCASE UNIQUE,
  name TEXT NOT NULL COLLATE NOCASE,
  category_id INTEGER,
  html_body TEXT NOT NULL,
  text_body TEXT NOT NULL,
  subject TEXT NOT NULL,
  pre_header TEXT,
  status TEXT NOT NULL,
  email_type TEXT NOT NULL,
  character_set TEXT NOT NULL,
  content_check_status TEXT NOT NULL,
  is_active INTEGER NOT NULL,
  is_html_paste INTEGER NOT NULL,
  cloned_from_id INTEGER,
  has_dynamic_subject_line INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  modified_at TEXT NOT NULL
) STRICT;

CREATE TABLE sender_profile (
  id INTEGER PRIMARY KEY,
  object_id TEXT NOT NULL UNIQUE,
  customer_key TEXT NOT NULL COLLATE NOCASE UNIQUE,
  name TEXT NOT NULL COLLATE NOCASE,
  description TEXT NOT NULL,
  from_name TEXT,
  from_address TEXT,
  use_default_rmm_rules INTEGER NOT NULL,
  auto_forward_to_email_address TEXT,
  auto_forward_to_name TEXT,
  direct_forward INTEGER NOT NULL,
  auto_forward_definition TEXT,
  auto_reply INTEGER NOT NULL,
  auto_reply_definition TEXT,
  sender_header_email_address TEXT,
  sender_header_name TEXT,
  retention_length INTEGER,
  retention_unit TEXT,
  reply_to_address TEXT,
  reply_to_display_name TEXT,
  fallback_from_address TEXT,
  created_at TEXT NOT NULL,
  modified_at TEXT NOT NULL
) STRICT;

CREATE TABLE delivery_profile (
  id INTEGER PRIMARY KEY,
  object_id TEXT NOT NULL UNIQUE,
  customer_key TEXT NOT NULL COLLATE NOCASE UNIQUE,
  name TEXT NOT NULL COLLATE NOCASE,
  description TEXT NOT NULL,
  source_address_type TEXT NOT NULL,
  domain_type TEXT NOT NULL,
  header_salutation_source TEXT NOT NULL,
  footer_salutation_source TEXT NOT NULL,
  created_at TEXT NOT NULL,
  modified_at TEXT NOT NULL
) STRICT;

CREATE TABLE send_classification (
  id INTEGER PRIMARY KEY,
  object_id TEXT NOT NULL UNIQUE,
  customer_key TEXT NOT NULL COLLATE NOCASE UNIQUE,
  name TEXT NOT NULL COLLATE NOCASE,
  description TEXT NOT NULL,
  type TEXT NOT NULL COLLATE NOCASE,
  sender_profile_id INTEGER NOT NULL REFERENCES sender_profile (id),
  delivery_profile_id INTEGER NOT NULL REFERENCES delivery_profile (id),
  archive_email INTEGER NOT NULL,
  honors_list_opt_outs INTEGER NOT NULL,
  priority TEXT,
  created_at TEXT NOT NULL,
  modified_at TEXT NOT NULL
) STRICT;

-- Data extensions: their rows live in a table of their own each, rows_<id>.

CREATE TABLE data_extension_template (
  id INTEGER PRIMARY KEY,
  object_id TEXT NOT NULL UNIQUE,
  customer_key TEXT NOT NULL COLLATE NOCASE UNIQUE,
  name TEXT NOT NULL COLLATE NOCASE,
  description TEXT NOT NULL,
  is_sendable INTEGER NOT NULL,
  is_testable INTEGER NOT NULL,
  sendable_field TEXT,
  sendable_subscriber_field TEXT,
  retention_length INTEGER,
  retention_unit INTEGER,
  row_based_retention INTEGER NOT NULL,
  reset_retention_on_import INTEGER NOT NULL,
  delete_at_end_of_retention INTEGER NOT NULL,
  retain_until TEXT,
  makes_send_log INTEGER NOT NULL,
  -- JSON: a list of fields, each an object of attributes of FieldChange (sfmc_mock.account.fields)
  fields TEXT NOT NULL,
  created_at TEXT NOT NULL,
  modified_at TEXT NOT NULL
) STRICT;

CREATE TABLE data_extension (
  id INTEGER PRIMARY KEY,
  object_id TEXT NOT NULL UNIQUE,
  customer_key TEXT NOT NULL COLLATE NOCASE UNIQUE,
  name TEXT NOT NULL COLLATE NOCASE UNIQUE,
  description TEXT NOT NULL,
  category_id INTEGER,
  is_sendable INTEGER NOT NULL,
  is_testable INTEGER NOT NULL,
  sendable_field TEXT,
  sendable_subscriber_field TEXT,
  template_id INTEGER REFERENCES data_extension_template (id),
  retention_length INTEGER,
  retention_unit INTEGER,
  row_based_retention INTEGER NOT NULL,
  reset_retention_on_import INTEGER NOT NULL,
  delete_at_end_of_retention INTEGER NOT NULL,
  retain_until TEXT NOT NULL,
  is_send_log INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  modified_at TEXT NOT NULL
) STRICT;

CREATE TABLE data_extension_field (
  id INTEGER PRIMARY KEY,
  data_extension_id INTEGER NOT NULL REFERENCES data_extension (id) ON DELETE CASCADE,
  object_id TEXT NOT NULL UNIQUE,
  -- [CustomerKey of the data extension].[name], kept here to be found by.
  customer_key TEXT NOT NULL COLLATE NOCASE,
  name TEXT NOT NULL COLLATE NOCASE,
  field_type TEXT NOT NULL,
  max_length INTEGER,
  scale INTEGER,
  default_value TEXT NOT NULL,
  is_required INTEGER NOT NULL,
  is_primary_key INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  storage_type TEXT NOT NULL,
  created_at TEXT NOT NULL,
  modified_at TEXT NOT NULL,
  UNIQUE (data_extension_id, name)
) STRICT;
CREATE INDEX data_extension_field_customer_key ON data_extension_field (customer_key);

-- Triggered sends: definition, its jobs, the requests, and one message for each subscriber of a request.

CREATE TABLE triggered_send_definition (
  id INTEGER PRIMARY KEY,
  object_id TEXT NOT NULL UNIQUE,
  customer_key TEXT NOT NULL COLLATE NOCASE,
  name TEXT NOT NULL COLLATE NOCASE,
  description TEXT NOT NULL,
  keyword TEXT NOT NULL,
  category_id INTEGER,
  status TEXT NOT NULL COLLATE NOCASE,
  type TEXT NOT NULL COLLATE NOCASE,
  -- Nothing that a definition sends with can be deleted before the definition itself is.
  email_id INTEGER REFERENCES email (id) ON DELETE SET NULL,
  list_id INTEGER REFERENCES list (id) ON DELETE SET NULL,
  send_classification_id INTEGER REFERENCES send_classification (id) ON DELETE SET NULL,
  sender_profile_id INTEGER REFERENCES sender_profile (id) ON DELETE SET NULL,
  delivery_profile_id INTEGER REFERENCES delivery_profile (id) ON DELETE SET NULL,
  -- 0 when the data extension was deleted: then nothing can be sent.
  send_source_data_extension_id INTEGER,
  from_name TEXT,
  from_address TEXT,
  bcc_email TEXT,
  cc_email TEXT,
  test_email_address TEXT,
  email_subject TEXT,
  dynamic_email_subject TEXT,
  pre_header TEXT,
  reply_to_address TEXT,
  reply_to_display_name TEXT,
  exclusion_filter TEXT,
  priority TEXT NOT NULL,
  batch_interval INTEGER NOT NULL,
  allowed_slots INTEGER NOT NULL,
  new_slot_trigger INTEGER NOT NULL,
  send_limit INTEGER,
  send_window_open TEXT,
  send_window_close TEXT,
  is_multipart INTEGER NOT NULL,
  is_wrapped INTEGER NOT NULL,
  is_send_logging INTEGER NOT NULL,
  auto_add_subscribers INTEGER NOT NULL,
  auto_update_subscribers INTEGER NOT NULL,
  suppress_tracking INTEGER NOT NULL,
  disable_on_email_build_error INTEGER NOT NULL,
  -- Grows with each change of what is sent; a start after a change makes a new job.
  content_version INTEGER NOT NULL,
  job_id INTEGER,
  created_at TEXT NOT NULL,
  modified_at TEXT NOT NULL
) STRICT;
-- A deleted definition stays to be read, and its key can be used again.
CREATE UNIQUE INDEX triggered_send_definition_key ON triggered_send_definition (customer_key)
  WHERE status <> 'Deleted';
CREATE TRIGGER triggered_send_definition_source AFTER DELETE ON data_extension BEGIN UPDATE triggered_send_definition SET send_source_data_extension_id = 0 WHERE send_source_data_extension_id = old.id; END;

CREATE TABLE job (
  id INTEGER PRIMARY KEY,
  definition_id INTEGER REFERENCES triggered_send_definition (id),
  definition_object_id TEXT NOT NULL,
  content_version INTEGER NOT NULL,
  email_id INTEGER NOT NULL,
  email_name TEXT NOT NULL,
  list_id INTEGER NOT NULL,
  subject TEXT NOT NULL,
  from_name TEXT NOT NULL,
  from_address TEXT NOT NULL,
  is_multipart INTEGER NOT NULL,
  started_at TEXT NOT NULL,
  -- Sends at one time of the account's clock are a round: which batch it begins with, and how many more the greatest
  -- request of it needed for its subscribers.
  round INTEGER NOT NULL,
  round_at TEXT NOT NULL,
  round_width INTEGER NOT NULL,
  highest_batch INTEGER NOT NULL
) STRICT;
CREATE INDEX job_definition ON job (definition_id);

CREATE TABLE link (
  job_id INTEGER NOT NULL REFERENCES job (id),
  url_id INTEGER NOT NULL,
  url TEXT NOT NULL,
  alias TEXT NOT NULL,
  PRIMARY KEY (job_id, url_id)
) STRICT;

CREATE TABLE send (
  id INTEGER PRIMARY KEY,
  definition_id INTEGER NOT NULL,
  definition_key TEXT NOT NULL,
  requested_at TEXT NOT NULL,
  status TEXT NOT NULL
) STRICT;

CREATE TABLE message (
  id INTEGER PRIMARY KEY,
  send_id INTEGER NOT NULL REFERENCES send (id),
  ordinal INTEGER NOT NULL,
  job_id INTEGER,
  list_id INTEGER,
  batch_id INTEGER,
  -- Which of the job's messages to the subscriber it is, from 0: what its chances are drawn for.
  repeat INTEGER,
  subscriber_id INTEGER,
  subscriber_key TEXT COLLATE NOCASE,
  email_address TEXT COLLATE NOCASE,
  -- JSON: attribute name -> value, as sent
  attributes TEXT NOT NULL,
  -- sent, not sent, refused or queued
  outcome TEXT NOT NULL,
  error_code INTEGER,
  -- JSON: the decision with its rule, reason and remedy; empty when nothing spoke against sending
  decision TEXT NOT NULL,
  decided_at TEXT NOT NULL
) STRICT;
CREATE INDEX message_send ON message (send_id);
CREATE INDEX message_flow ON message (job_id, batch_id, subscriber_id);
CREATE INDEX message_subscriber ON message (subscriber_id, job_id, batch_id);
CREATE INDEX message_queued ON message (outcome, send_id) WHERE outcome = 'queued';

CREATE TABLE event (
  id INTEGER PRIMARY KEY,
  type TEXT NOT NULL,
  job_id INTEGER NOT NULL,
  list_id INTEGER NOT NULL,
  batch_id INTEGER NOT NULL,
  subscriber_id INTEGER NOT NULL,
  subscriber_key TEXT NOT NULL COLLATE NOCASE,
  happens_at TEXT NOT NULL,
  visible_at TEXT NOT NULL,
  definition_object_id TEXT NOT NULL,
  -- Of what was not sent.
  error_code INTEGER,
  url_id INTEGER,
  url TEXT,
  smtp_code TEXT,
  bounce_category TEXT,
  bounce_type TEXT,
  smtp_reason TEXT,
  is_master_unsubscribed INTEGER,
  question TEXT,
  answer TEXT,
  opt_in_subscriber_key TEXT,
  -- Why, of an unsubscribe: for people, not on the wire.
  reason TEXT
) STRICT;
CREATE INDEX event_flow ON event (type, job_id, batch_id, subscriber_id);
CREATE INDEX event_subscriber ON event (type, subscriber_key);
CREATE INDEX event_time ON event (type, happens_at);
-- Pages of one kind of event, of all jobs or of one, in order and without sorting.
CREATE INDEX event_type ON event (type);
CREATE INDEX event_job ON event (type, job_id);

-- What the account has still to do, and when.

CREATE TABLE due (
  id INTEGER PRIMARY KEY,
  due_at TEXT NOT NULL,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL
) STRICT;
CREATE INDEX due_at ON due (due_at, id);

-- Retrieves under way, and where RetrieveAllSinceLastBatch stands.

CREATE TABLE continuation (
  request_id TEXT PRIMARY KEY,
  chain TEXT NOT NULL,
  payload TEXT NOT NULL,
  expires_at TEXT NOT NULL
) STRICT;
CREATE INDEX continuation_chain ON continuation (chain);
-- Between which times, and which rows, the last answer to a question looked.
CREATE TABLE bookmark (
  question TEXT PRIMARY KEY,
  since TEXT NOT NULL,
  until TEXT NOT NULL,
  since_row INTEGER NOT NULL,
  until_row INTEGER NOT NULL
) STRICT;

-- What Retrieve reads. `rowkey` orders the rows of an object, for paging.

CREATE VIEW account_id AS SELECT CAST(value AS INTEGER) AS mid FROM setting WHERE name = 'mid';

CREATE VIEW "api_DataFolder" AS SELECT
  f.id AS rowkey, f.id AS "ID", f.object_id AS "ObjectID", f.customer_key AS "CustomerKey",
  f.created_at AS "CreatedDate", f.modified_at AS "ModifiedDate", (SELECT mid FROM account_id) AS "Client.ID",
  NULL AS "Client.CreatedBy", NULL AS "Client.ModifiedBy", (SELECT mid FROM account_id) AS "Client.EnterpriseID",
  f.parent_id AS "ParentFolder.ID", p.object_id AS "ParentFolder.ObjectID",
  p.customer_key AS "ParentFolder.CustomerKey", p.name AS "ParentFolder.Name",
  p.description AS "ParentFolder.Description", p.content_type AS "ParentFolder.ContentType",
  p.is_active AS "ParentFolder.IsActive", p.is_editable AS "ParentFolder.IsEditable",
  p.allow_children AS "ParentFolder.AllowChildren",
  f.name AS "Name", f.description AS "Description", f.content_type AS "ContentType", f.is_active AS "IsActive",
  f.is_editable AS "IsEditable", f.allow_children AS "AllowChildren"
FROM folder f LEFT JOIN folder p ON p.id = f.parent_id;

CREATE VIEW "api_List" AS SELECT
  id AS rowkey, id AS "ID", object_id AS "ObjectID", customer_key AS "CustomerKey", NULL AS "PartnerKey",
  created_at AS "CreatedDate", modified_at AS "ModifiedDate", (SELECT mid FROM account_id) AS "Client.ID",
  NULL AS "Client.PartnerClientKey", name AS "ListName", category_id AS "Category", type AS "Type",
  description AS "Description", classification AS "ListClassification",
  automated_email_id AS "AutomatedEmail.ID"
FROM list;

CREATE VIEW "api_Subscriber" AS SELECT
  id AS rowkey, id AS "ID", partner_key AS "PartnerKey", created_at AS "CreatedDate",
  (SELECT mid FROM account_id) AS "Client.ID", NULL AS "Client.PartnerClientKey",
  email_address AS "EmailAddress", subscriber_key AS "SubscriberKey", unsubscribed_at AS "UnsubscribedDate",
  status AS "Status", email_type AS "EmailTypePreference",
  (SELECT json_group_array(json_array(p.name, COALESCE(
     (SELECT j.value FROM json_each(s.attributes) j WHERE j.key = p.name COLLATE NOCASE), p.default_value)))
   FROM (SELECT name, default_value FROM profile_attribute WHERE is_send_time = 0 ORDER BY display_order) p
  ) AS "Attributes"
FROM subscriber s;

-- All Subscribers holds everybody: its members are the subscribers themselves, with their own status.
CREATE VIEW "api_ListSubscriber" AS SELECT
  s.id AS rowkey, s.id AS "ID", NULL AS "ObjectID", s.subscriber_key AS "SubscriberKey",
  s.created_at AS "CreatedDate", s.modified_at AS "ModifiedDate", (SELECT mid FROM account_id) AS "Client.ID",
  NULL AS "Client.PartnerClientKey", l.id AS "ListID", s.status AS "Status"
FROM list l JOIN subscriber s WHERE l.is_all_subscribers = 1
UNION ALL SELECT
  m.id AS rowkey, m.id AS "ID", NULL AS "ObjectID", s.subscriber_key AS "SubscriberKey",
  m.created_at AS "CreatedDate", m.modified_at AS "ModifiedDate", (SELECT mid FROM account_id) AS "Client.ID",
  NULL AS "Client.PartnerClientKey", m.list_id AS "ListID", m.status AS "Status"
FROM list_subscriber m JOIN subscriber s ON s.id = m.subscriber_id;

CREATE VIEW "api_Email" AS SELECT
  e.id AS rowkey, e.id AS "ID", '' AS "PartnerKey", e.created_at AS "CreatedDate", e.modified_at AS "ModifiedDate",
  (SELECT mid FROM account_id) AS "Client.ID", NULL AS "Client.PartnerClientKey", e.customer_key AS "CustomerKey",
  e.name AS "Name", f.name AS "Folder", e.category_id AS "CategoryID", e.html_body AS "HTMLBody",
  e.text_body AS "TextBody", NULL AS "ContentAreas", e.subject AS "Subject", e.is_active AS "IsActive",
  e.is_html_paste AS "IsHTMLPaste", e.cloned_from_id AS "ClonedFromID", e.status AS "Status",
  e.email_type AS "EmailType", e.character_set AS "CharacterSet",
  e.has_dynamic_subject_line AS "HasDynamicSubjectLine", e.content_check_status AS "ContentCheckStatus",
  e.pre_header AS "PreHeader", NULL AS "__AdditionalEmailAttribute1", NULL AS "__AdditionalEmailAttribute2",
  NULL AS "__AdditionalEmailAttribute3", NULL AS "__AdditionalEmailAttribute4",
  NULL AS "__AdditionalEmailAttribute5"
FROM email e LEFT JOIN folder f ON f.id = e.category_id;

-- The service keeps the dates of profiles, classifications and definitions to the minute (recorded: they end in :00).

CREATE VIEW "api_SenderProfile" AS SELECT
  id AS rowkey, object_id AS "ObjectID", customer_key AS "CustomerKey",
  strftime('%Y-%m-%dT%H:%M:00.000', created_at, '+30 seconds') AS "CreatedDate",
  strftime('%Y-%m-%dT%H:%M:00.000', modified_at, '+30 seconds') AS "ModifiedDate",
  (SELECT mid FROM account_id) AS "Client.ID", NULL AS "Client.CreatedBy",
  NULL AS "Client.ModifiedBy", name AS "Name", description AS "Description", from_name AS "FromName",
  from_address AS "FromAddress", use_default_rmm_rules AS "UseDefaultRMMRules",
  auto_forward_to_email_address AS "AutoForwardToEmailAddress", auto_forward_to_name AS "AutoForwardToName",
  direct_forward AS "DirectForward", auto_forward_definition AS "AutoForwardTriggeredSend.ObjectID",
  auto_reply AS "AutoReply", auto_reply_definition AS "AutoReplyTriggeredSend.ObjectID", sender_header_email_address AS "SenderHeaderEmailAddress",
  sender_header_name AS "SenderHeaderName", retention_length AS "DataRetentionPeriodLength",
  retention_unit AS "DataRetentionPeriodUnitOfMeasure", NULL AS "ReplyManagementRuleSet.ObjectID",
  NULL AS "RMMRuleCollection.ObjectID",
  reply_to_address AS "ReplyToAddress", reply_to_display_name AS "ReplyToDisplayName",
  COALESCE(fallback_from_address, '') AS "FallbackFromAddress"
FROM sender_profile;

CREATE VIEW "api_SendClassification" AS SELECT
  c.id AS rowkey, c.object_id AS "ObjectID", c.customer_key AS "CustomerKey",
  strftime('%Y-%m-%dT%H:%M:00.000', c.created_at, '+30 seconds') AS "CreatedDate",
  strftime('%Y-%m-%dT%H:%M:00.000', c.modified_at, '+30 seconds') AS "ModifiedDate",
  (SELECT mid FROM account_id) AS "Client.ID", c.name AS "Name",
  c.description AS "Description", c.type AS "SendClassificationType", s.customer_key AS "SenderProfile.CustomerKey",
  s.object_id AS "SenderProfile.ObjectID", d.customer_key AS "DeliveryProfile.CustomerKey",
  d.object_id AS "DeliveryProfile.ObjectID", c.archive_email AS "ArchiveEmail"
FROM send_classification c
JOIN sender_profile s ON s.id = c.sender_profile_id
JOIN delivery_profile d ON d.id = c.delivery_profile_id;

CREATE VIEW "api_DataExtensionTemplate" AS SELECT
  id AS rowkey, object_id AS "ObjectID", customer_key AS "CustomerKey", created_at AS "CreatedDate",
  modified_at AS "ModifiedDate", (SELECT mid FROM account_id) AS "Client.ID", name AS "Name",
  description AS "Description", is_sendable AS "IsSendable", is_testable AS "IsTestable",
  sendable_field AS "SendableCustomObjectField", sendable_subscriber_field AS "SendableSubscriberField",
  retention_length AS "DataRetentionPeriodLength", retention_unit AS "DataRetentionPeriodUnitOfMeasure",
  row_based_retention AS "RowBasedRetention", reset_retention_on_import AS "ResetRetentionPeriodOnImport",
  delete_at_end_of_retention AS "DeleteAtEndOfRetentionPeriod", retain_until AS "RetainUntil"
FROM data_extension_template;

CREATE VIEW "api_DataExtension" AS SELECT
  d.id AS rowkey, d.object_id AS "ObjectID", d.customer_key AS "CustomerKey", d.created_at AS "CreatedDate",
  d.modified_at AS "ModifiedDate", (SELECT mid FROM account_id) AS "Client.ID", d.name AS "Name",
  d.description AS "Description", d.category_id AS "CategoryID", d.is_sendable AS "IsSendable",
  d.is_testable AS "IsTestable", d.sendable_field AS "SendableDataExtensionField.Name",
  d.sendable_subscriber_field AS "SendableSubscriberField.Name", t.customer_key AS "Template.CustomerKey",
  d.retention_length AS "DataRetentionPeriodLength", d.retention_unit AS "DataRetentionPeriodUnitOfMeasure",
  d.row_based_retention AS "RowBasedRetention", d.reset_retention_on_import AS "ResetRetentionPeriodOnImport",
  d.delete_at_end_of_retention AS "DeleteAtEndOfRetentionPeriod", d.retain_until AS "RetainUntil"
FROM data_extension d LEFT JOIN data_extension_template t ON t.id = d.template_id;

CREATE VIEW "api_DataExtensionField" AS SELECT
  f.id AS rowkey, f.object_id AS "ObjectID", f.customer_key AS "CustomerKey",
  f.created_at AS "CreatedDate", f.modified_at AS "ModifiedDate", (SELECT mid FROM account_id) AS "Client.ID",
  f.name AS "Name", f.scale AS "Scale", f.default_value AS "DefaultValue", f.max_length AS "MaxLength",
  f.is_required AS "IsRequired", f.ordinal AS "Ordinal", f.is_primary_key AS "IsPrimaryKey",
  f.field_type AS "FieldType", d.customer_key AS "DataExtension.CustomerKey", f.storage_type AS "StorageType"
FROM data_extension_field f JOIN data_extension d ON d.id = f.data_extension_id;

CREATE VIEW "api_TriggeredSendDefinition" AS SELECT
  d.id AS rowkey, d.object_id AS "ObjectID", d.customer_key AS "CustomerKey",
  strftime('%Y-%m-%dT%H:%M:00.000', d.created_at, '+30 seconds') AS "CreatedDate",
  strftime('%Y-%m-%dT%H:%M:00.000', d.modified_at, '+30 seconds') AS "ModifiedDate",
  (SELECT mid FROM account_id) AS "Client.ID", 0 AS "IsPlatformObject",
  d.name AS "Name", d.description AS "Description", d.keyword AS "Keyword", d.category_id AS "CategoryID",
  c.object_id AS "SendClassification.ObjectID", c.customer_key AS "SendClassification.CustomerKey",
  s.object_id AS "SenderProfile.ObjectID", s.customer_key AS "SenderProfile.CustomerKey",
  v.object_id AS "DeliveryProfile.ObjectID", v.customer_key AS "DeliveryProfile.CustomerKey",
  NULL AS "PrivateDomain.ObjectID", NULL AS "PrivateIP.ID", NULL AS "HeaderContentArea.ID",
  NULL AS "FooterContentArea.ID",
  d.from_name AS "FromName", d.from_address AS "FromAddress", d.suppress_tracking AS "SuppressTracking",
  d.is_send_logging AS "IsSendLogging", d.type AS "TriggeredSendType", d.status AS "TriggeredSendStatus",
  d.email_id AS "Email.ID", d.list_id AS "List.ID", d.auto_add_subscribers AS "AutoAddSubscribers",
  d.auto_update_subscribers AS "AutoUpdateSubscribers", d.batch_interval AS "BatchInterval",
  d.bcc_email AS "BccEmail", d.cc_email AS "CCEmail", d.test_email_address AS "TestEmailAddr",
  d.email_subject AS "EmailSubject", d.dynamic_email_subject AS "DynamicEmailSubject",
  d.is_multipart AS "IsMultipart", d.is_wrapped AS "IsWrapped", d.allowed_slots AS "AllowedSlots",
  d.new_slot_trigger AS "NewSlotTrigger", d.send_limit AS "SendLimit", d.send_window_open AS "SendWindowOpen",
  d.send_window_close AS "SendWindowClose", d.priority AS "Priority", d.pre_header AS "PreHeader",
  d.reply_to_address AS "ReplyToAddress", d.reply_to_display_name AS "ReplyToDisplayName"
FROM triggered_send_definition d
LEFT JOIN send_classification c ON c.id = d.send_classification_id
LEFT JOIN sender_profile s ON s.id = COALESCE(d.sender_profile_id, c.sender_profile_id)
LEFT JOIN delivery_profile v ON v.id = COALESCE(d.delivery_profile_id, c.delivery_profile_id);

CREATE VIEW api_tracking AS SELECT
  id AS rowkey, type, visible_at, NULL AS "ID", NULL AS "ObjectID", NULL AS "CreatedDate", NULL AS "ModifiedDate",
  NULL AS "PartnerKey", NULL AS "CustomerKey",
  (SELECT mid FROM account_id) AS "Client.ID", job_id AS "SendID", subscriber_key AS "SubscriberKey",
  subscriber_id AS "SubscriberID", list_id AS "ListID", happens_at AS "EventDate", type AS "EventType",
  definition_object_id AS "TriggeredSendDefinitionObjectID", batch_id AS "BatchID", url_id AS "URLID",
  url_id AS "URLIDLong", url AS "URL", smtp_code AS "SMTPCode", bounce_category AS "BounceCategory",
  bounce_type AS "BounceType", smtp_reason AS "SMTPReason", list_id AS "List.ID",
  is_master_unsubscribed AS "IsMasterUnsubscribed", question AS "Question", answer AS "Answer",
  opt_in_subscriber_key AS "OptInSubscriberKey"
FROM event;
