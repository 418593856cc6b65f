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

DROP VIEW "api_AsyncActivityStatus";
CREATE VIEW "api_AsyncActivityStatus" AS SELECT
  a.id AS rowkey, a.id AS "TaskID", a.object_id AS "ParentInteractionObjectID", NULL AS "ParentTaskID",
  a.name AS "Program", NULL AS "ProcessID", NULL AS "StepID", NULL AS "StepTaskID",
  CAST(NULLIF(a.step, 0) AS TEXT) AS "StepName", a.instance_id AS "InteractionID", (SELECT mid FROM account_id) AS "ClientID",
  a.action AS "ActionType", a.type AS "Type", NULL AS "AsyncAction", NULL AS "AsyncSubAction", a.status AS "Status",
  a.processed AS "ProcessedCount", a.total AS "TotalCount", a.duplicates AS "DuplicateCount",
  a.errors AS "ErrorCount", a.customer_key AS "CustomerKey", a.error AS "ErrorMsg",
  a.created_at AS "ScheduledTime", a.started_at AS "StartDate", a.completed_at AS "CompletedDate",
  a.started_at AS "StartTime", a.completed_at AS "EndTime", COALESCE(a.error, a.status) AS "StatusMessage"
FROM async_activity a;
