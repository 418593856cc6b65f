-- What runs by itself once it is started, and how it went: one row for each start.
CREATE TABLE async_activity (
  -- The TaskID.
  id INTEGER PRIMARY KEY,
  type TEXT NOT NULL,
  action TEXT NOT NULL,
  -- What was started.
  definition_id INTEGER NOT NULL,
  object_id TEXT NOT NULL,
  customer_key TEXT NOT NULL COLLATE NOCASE,
  name TEXT NOT NULL,
  instance_id TEXT NOT NULL,
  -- Queued, Complete or FatalError
  status TEXT NOT NULL COLLATE NOCASE,
  error TEXT,
  processed INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL,
  started_at TEXT,
  completed_at TEXT
) STRICT;
