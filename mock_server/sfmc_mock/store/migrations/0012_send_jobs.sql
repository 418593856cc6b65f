-- Jobs that no triggered send definition has: of an email send definition, or a Send. Their status is kept: Scheduled,
-- Paused, Sending, Complete, Canceled or Deleted. What they send to whom is JSON (sfmc_mock.account.send_jobs).
ALTER TABLE job ADD COLUMN status TEXT;
ALTER TABLE job ADD COLUMN send_at TEXT;
ALTER TABLE job ADD COLUMN sent_at TEXT;
ALTER TABLE job ADD COLUMN modified_at TEXT;
ALTER TABLE job ADD COLUMN duplicates INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN additional TEXT;
ALTER TABLE job ADD COLUMN bcc_email TEXT;
ALTER TABLE job ADD COLUMN is_transactional INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN is_test INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN email_send_definition_object_id TEXT;
ALTER TABLE job ADD COLUMN email_send_definition_key TEXT COLLATE NOCASE;
ALTER TABLE job ADD COLUMN terms TEXT;
CREATE INDEX job_email_send_definition ON job (email_send_definition_object_id);

-- Which lists a job goes to.
CREATE TABLE job_list (
  job_id INTEGER NOT NULL REFERENCES job (id),
  list_id INTEGER NOT NULL,
  PRIMARY KEY (job_id, list_id)
) STRICT, WITHOUT ROWID;
INSERT INTO job_list (job_id, list_id) SELECT id, list_id FROM job;
