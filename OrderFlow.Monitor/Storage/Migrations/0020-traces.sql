-- One partition a day, of the day on which the span began (UTC). A span that is sent again is of the same day.
CREATE TABLE spans (
    day            date        NOT NULL,
    trace_id       bytea       NOT NULL,
    span_id        bytea       NOT NULL,
    parent_id      bytea,
    service        text        NOT NULL,
    instance       text,
    scope          text        NOT NULL,
    name           text        NOT NULL,
    kind           smallint    NOT NULL,
    started_at     timestamptz NOT NULL,
    duration_nanos bigint      NOT NULL,
    is_error       boolean     NOT NULL,
    problem        text,
    attributes     jsonb,
    events         jsonb,
    links          jsonb,
    linked_traces  bytea[],
    PRIMARY KEY (trace_id, span_id, day)
) PARTITION BY RANGE (day);

CREATE INDEX spans_started_at ON spans (started_at);
CREATE INDEX spans_linked_traces ON spans USING gin (linked_traces) WHERE linked_traces IS NOT NULL;

COMMENT ON COLUMN spans.kind IS 'As OTLP has it: 1 internal, 2 server, 3 client, 4 producer, 5 consumer.';
COMMENT ON COLUMN spans.linked_traces IS 'The traces that links lead to: a delayed retry and a replay begin a new trace with a link to the old one.';

-- Kept up to date in the transaction that stores the spans.
CREATE TABLE traces (
    trace_id   bytea       PRIMARY KEY,
    started_at timestamptz NOT NULL,
    ended_at   timestamptz NOT NULL,
    spans      bigint      NOT NULL,
    errors     bigint      NOT NULL,
    services   text[]      NOT NULL,
    service    text        NOT NULL,
    name       text        NOT NULL
) WITH (fillfactor = 80);

CREATE INDEX traces_started_at ON traces (started_at, trace_id);
CREATE INDEX traces_failed ON traces (started_at, trace_id) WHERE errors > 0;

CREATE TABLE logs (
    day        date        NOT NULL,
    at         timestamptz NOT NULL,
    trace_id   bytea,
    span_id    bytea,
    service    text        NOT NULL,
    category   text        NOT NULL,
    severity   smallint    NOT NULL,
    event_name text,
    body       text        NOT NULL,
    attributes jsonb
) PARTITION BY RANGE (day);

CREATE INDEX logs_trace_id ON logs (trace_id) WHERE trace_id IS NOT NULL;
