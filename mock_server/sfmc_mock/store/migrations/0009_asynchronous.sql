-- Requests that are queued and done later, and what became of them.

CREATE TABLE async_request (
  id INTEGER PRIMARY KEY,
  request_id TEXT NOT NULL UNIQUE COLLATE NOCASE,
  conversation_id TEXT COLLATE NOCASE,
  sequence_code INTEGER,
  calls_in_conversation INTEGER,
  operation TEXT NOT NULL,
  -- What it is about, for a person.
  summary TEXT NOT NULL,
  caller TEXT NOT NULL,
  -- JSON: the scopes of the caller, null for all.
  scopes TEXT,
  -- JSON: the message; NULL once it is done.
  message TEXT,
  -- JSON: what SendResponseTo says.
  responses TEXT NOT NULL,
  priority TEXT NOT NULL,
  queued_at TEXT NOT NULL,
  due_at TEXT NOT NULL,
  expires_at TEXT,
  -- Queued, Complete, Error or Deleted
  status TEXT NOT NULL COLLATE NOCASE,
  completed_at TEXT,
  overall_status TEXT,
  status_message TEXT,
  error_code INTEGER,
  detail_xml TEXT,
  -- JSON: what it was warned of when it was done, and the sends that it made.
  warnings TEXT,
  sends TEXT
) STRICT;
CREATE INDEX async_request_conversation ON async_request (conversation_id);
CREATE INDEX async_request_queued ON async_request (queued_at);

CREATE TABLE async_conversation (
  id TEXT PRIMARY KEY COLLATE NOCASE,
  calls INTEGER NOT NULL,
  -- Open, Closed, Complete, Error, Timeout or Deleted
  status TEXT NOT NULL
) STRICT;

-- One row for each object of a request that was done.
CREATE TABLE async_result (
  id INTEGER PRIMARY KEY,
  request_number INTEGER NOT NULL REFERENCES async_request (id) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  object_type TEXT,
  correlation_id TEXT,
  status_code TEXT NOT NULL COLLATE NOCASE,
  status_message TEXT,
  error_code INTEGER
) STRICT;
CREATE INDEX async_result_request ON async_result (request_number);

-- What is still to be posted to SendResponseTo.
CREATE TABLE callback (
  id INTEGER PRIMARY KEY,
  request_number INTEGER NOT NULL REFERENCES async_request (id) ON DELETE CASCADE,
  address TEXT NOT NULL,
  -- JSON: the fields of the form.
  form TEXT NOT NULL
) STRICT;
