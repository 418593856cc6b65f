-- The business units of an enterprise account: each is a database of its own, kept here in pieces. A unit that was changed
-- gets another number, drawn, so that one that was rolled back does not come again.
CREATE TABLE unit (mid INTEGER PRIMARY KEY, generation INTEGER NOT NULL, size INTEGER NOT NULL) STRICT;
CREATE TABLE unit_piece (
  mid INTEGER NOT NULL REFERENCES unit (mid) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (mid, number)
) STRICT, WITHOUT ROWID;

-- What a caller may do: scopes with blanks between, empty for everything.
ALTER TABLE api_user ADD COLUMN scope TEXT NOT NULL DEFAULT '';
ALTER TABLE package ADD COLUMN scope TEXT NOT NULL DEFAULT '';
ALTER TABLE token ADD COLUMN scope TEXT NOT NULL DEFAULT '';
