-- Actions of objects that recur: how (JSON), how often they were done, when they are next, and what is prepared for that.
CREATE TABLE schedule (
  id INTEGER PRIMARY KEY,
  object_type TEXT NOT NULL,
  object_id TEXT NOT NULL,
  action TEXT NOT NULL,
  recurrence TEXT NOT NULL,
  runs INTEGER NOT NULL DEFAULT 0,
  prepared INTEGER NOT NULL DEFAULT 0,
  next_at TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX schedule_object ON schedule (object_type, object_id);
