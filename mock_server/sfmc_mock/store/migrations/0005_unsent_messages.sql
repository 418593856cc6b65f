-- Lists of sends by outcome. Most messages are sent, and are not in it.

CREATE INDEX message_unsent ON message (outcome, send_id) WHERE outcome <> 'sent';
