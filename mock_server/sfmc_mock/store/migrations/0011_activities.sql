-- What an activity counted, where its rows went, and the run of an automation that it belongs to.
ALTER TABLE async_activity ADD COLUMN total INTEGER NOT NULL DEFAULT 0;
ALTER TABLE async_activity ADD COLUMN duplicates INTEGER NOT NULL DEFAULT 0;
ALTER TABLE async_activity ADD COLUMN restricted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE async_activity ADD COLUMN errors INTEGER NOT NULL DEFAULT 0;
ALTER TABLE async_activity ADD COLUMN destination_id TEXT NOT NULL DEFAULT '';
ALTER TABLE async_activity ADD COLUMN destination_type TEXT NOT NULL DEFAULT '';
ALTER TABLE async_activity ADD COLUMN automation_instance_id INTEGER;
ALTER TABLE async_activity ADD COLUMN step INTEGER NOT NULL DEFAULT 0;
UPDATE async_activity SET total = processed, errors = error IS NOT NULL;
CREATE INDEX async_activity_automation ON async_activity (automation_instance_id, step);
