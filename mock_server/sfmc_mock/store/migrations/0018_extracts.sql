-- What an extract was asked for: values (JSON) by the names of its parameters.
ALTER TABLE async_activity ADD COLUMN parameters TEXT NOT NULL DEFAULT '{}';
