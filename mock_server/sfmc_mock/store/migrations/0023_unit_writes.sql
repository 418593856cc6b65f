-- What sends have written in business units since their pieces were kept (sfmc_mock/store/business_unit_databases.py): a
-- row for each call, with its rows as JSON.
CREATE TABLE unit_write (
  number INTEGER PRIMARY KEY,
  mid INTEGER NOT NULL REFERENCES unit (mid) ON DELETE CASCADE,
  content TEXT NOT NULL
) STRICT;

CREATE INDEX unit_write_mid ON unit_write (mid);
