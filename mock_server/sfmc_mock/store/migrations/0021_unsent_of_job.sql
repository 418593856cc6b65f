-- Messages of a job are counted by what kept them from being sent. The others, nearly all, are not in the index: each has
-- one Sent event, seen or not, and those are counted in its place.

DROP INDEX message_job;
CREATE INDEX message_job ON message (job_id, outcome, error_code) WHERE outcome <> 'sent' OR error_code IS NOT NULL;
