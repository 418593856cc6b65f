-- Who a message is from, where the request named an owner of its subscriber.
CREATE TABLE message_owner (
  send_id INTEGER NOT NULL REFERENCES send (id),
  ordinal INTEGER NOT NULL,
  from_name TEXT NOT NULL,
  from_address TEXT NOT NULL,
  PRIMARY KEY (send_id, ordinal)
) STRICT, WITHOUT ROWID;
