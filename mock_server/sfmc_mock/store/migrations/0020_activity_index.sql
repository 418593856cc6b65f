-- How often a definition ran, for the number of its next run.
CREATE INDEX async_activity_object ON async_activity (object_id);
