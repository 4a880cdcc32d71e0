-- What became of events at their consumers, where it was more than being handled at once: a row for each notice.
CREATE TABLE handling (
    event_id          uuid        NOT NULL,
    service           text        NOT NULL,
    kind              text        NOT NULL,
    at                timestamptz NOT NULL,
    correlation_id    text        NOT NULL,
    aggregate_id      text        NOT NULL,
    wire_type         text        NOT NULL,
    handler           text,
    attempt           integer,
    tier              integer,
    reason            text,
    exception_type    text,
    exception_message text,
    run               uuid,
    decided_by        text,
    PRIMARY KEY (event_id, service, kind, at)
);

CREATE INDEX handling_flow ON handling (correlation_id, aggregate_id);
CREATE INDEX handling_aggregate_id ON handling (aggregate_id);
CREATE INDEX handling_run ON handling (run) WHERE run IS NOT NULL;
CREATE INDEX handling_at ON handling (at);

COMMENT ON COLUMN handling.kind IS 'retry-queued, dead-lettered, replayed, handled (after a replay) or discarded.';
COMMENT ON COLUMN handling.attempt IS 'The attempt that failed last, or that succeeded.';
COMMENT ON COLUMN handling.run IS 'The replay that sent the event back last, or the discard.';
