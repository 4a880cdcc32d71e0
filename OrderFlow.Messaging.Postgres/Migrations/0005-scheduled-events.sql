-- Events to be published later, committed with what they are about. When one is due it moves into the outbox.
CREATE TABLE scheduled_events (
    due_at    timestamptz NOT NULL,
    event_id  uuid        NOT NULL,
    wire_type text        NOT NULL,
    -- What a handler knows when it cancels; with the type it names the event. NULL: nobody will.
    token     text,
    context   jsonb       NOT NULL,
    body      bytea       NOT NULL,
    -- The only order in which rows are read, so the key is the index of what is due.
    PRIMARY KEY (due_at, event_id)
)
-- Nearly every row is cancelled soon, as those of the outbox are published soon.
WITH (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 2000,
      autovacuum_analyze_scale_factor = 0.0, autovacuum_analyze_threshold = 5000);

CREATE INDEX scheduled_events_token ON scheduled_events (token);
