-- What triggered sends have written and the tables do not hold yet (sfmc_mock/store/deferred_writes.py): a row for each
-- call, with its rows as JSON.
CREATE TABLE deferred_write (
  number INTEGER PRIMARY KEY,
  content TEXT NOT NULL
) STRICT;
