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

CREATE VIEW "api_AsyncActivityStatus" AS SELECT
  a.id AS rowkey, a.id AS "TaskID", a.object_id AS "ParentInteractionObjectID", NULL AS "ParentTaskID",
  a.name AS "Program", NULL AS "ProcessID", NULL AS "StepID", NULL AS "StepTaskID", NULL AS "StepName",
  a.instance_id AS "InteractionID", (SELECT mid FROM account_id) AS "ClientID", a.action AS "ActionType",
  a.type AS "Type", NULL AS "AsyncAction", NULL AS "AsyncSubAction", a.status AS "Status",
  a.processed AS "ProcessedCount", a.processed AS "TotalCount", 0 AS "DuplicateCount",
  a.error IS NOT NULL AS "ErrorCount", a.customer_key AS "CustomerKey", a.error AS "ErrorMsg",
  a.created_at AS "ScheduledTime", a.started_at AS "StartDate", a.completed_at AS "CompletedDate",
  a.started_at AS "StartTime", a.completed_at AS "EndTime", COALESCE(a.error, a.status) AS "StatusMessage"
FROM async_activity a;
