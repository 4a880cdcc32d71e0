-- The events of a transaction that causes many, in one row until the broker has confirmed them all. What is left behind, or refused, moves
-- into the table outbox, a row each.
CREATE TABLE outbox_batches (
    id         uuid        PRIMARY KEY,
    events     integer     NOT NULL,
    data       bytea       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- As in the table outbox.
    due_at     timestamptz NOT NULL,
    attempts   integer     NOT NULL DEFAULT 0,
    last_error text
)
WITH (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 2000,
      autovacuum_analyze_scale_factor = 0.0, autovacuum_analyze_threshold = 5000);
-- It is compressed already.
ALTER TABLE outbox_batches ALTER COLUMN data SET STORAGE EXTERNAL;
