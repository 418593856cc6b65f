-- One account. Times are texts in server time (UTC-6) with milliseconds; flags are 0 or 1.
-- The tables and views of API objects follow from their declarations (sfmc_mock.objects).

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

-- Triggered sends: definition, its jobs, the requests, and one message for each subscriber of a request.

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

CREATE VIEW account_id AS SELECT CAST(value AS INTEGER) AS mid FROM setting WHERE name = 'mid';
