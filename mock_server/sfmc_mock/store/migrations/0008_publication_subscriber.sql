-- Who opted in to which publication.
CREATE TABLE publication_subscriber (
  id INTEGER PRIMARY KEY,
  publication_id INTEGER NOT NULL REFERENCES publication (id) ON DELETE CASCADE,
  subscriber_id INTEGER NOT NULL REFERENCES subscriber (id) ON DELETE CASCADE,
  created_at TEXT NOT NULL,
  UNIQUE (publication_id, subscriber_id)
) STRICT;
CREATE INDEX publication_subscriber_subscriber ON publication_subscriber (subscriber_id);
