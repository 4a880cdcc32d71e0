-- Events that a committed transaction has caused and the broker has not confirmed yet.
CREATE TABLE outbox (
    event_id   uuid        PRIMARY KEY,
    sequence   bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
    wire_type  text        NOT NULL,
    context    jsonb       NOT NULL,
    body       bytea       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- From when on a sweep may take the row: the transaction's own service publishes it first.
    due_at     timestamptz NOT NULL,
    attempts   integer     NOT NULL DEFAULT 0,
    last_error text
)
-- Every row dies young: the table stays small only if what died is taken away soon.
WITH (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 2000,
      autovacuum_analyze_scale_factor = 0.0, autovacuum_analyze_threshold = 5000);
