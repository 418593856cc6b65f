-- Runs of automations; `steps` (JSON) is what the automation was when the run began.
CREATE TABLE automation_instance (
  id INTEGER PRIMARY KEY,
  object_id TEXT NOT NULL,
  automation_id INTEGER NOT NULL,
  -- What an AutomationStatus says: 3 while it runs.
  status INTEGER NOT NULL,
  status_message TEXT NOT NULL DEFAULT '',
  steps TEXT NOT NULL,
  -- The step that runs, from 1.
  step INTEGER NOT NULL DEFAULT 0,
  -- The file that started it.
  file_name TEXT NOT NULL DEFAULT '',
  started_at TEXT NOT NULL,
  changed_at TEXT NOT NULL,
  completed_at TEXT
) STRICT;
CREATE INDEX automation_instance_automation ON automation_instance (automation_id, status);
