-- A trace that is kept is one row with its spans in it, and what came of it later a further one. What older versions stored, a row for each
-- span, cannot be put together in SQL: it is dropped, and the Monitor says so when it starts.
CREATE TABLE upgrade_notes (
    note text NOT NULL
);

INSERT INTO upgrade_notes
SELECT format('%s spans of %s traces that an older version had stored are dropped: traces are stored in another form now', sum(spans), count(*))
FROM traces HAVING count(*) > 0;

DROP TABLE spans;
DROP TABLE traces;

-- One partition a day, of the day on which the first of the spans began (UTC).
CREATE TABLE traces (
    day           date        NOT NULL,
    hour          smallint    NOT NULL,
    is_part       boolean     NOT NULL,
    weight        real        NOT NULL,
    spans         integer     NOT NULL,
    errors        integer     NOT NULL,
    started_at    timestamptz NOT NULL,
    ended_at      timestamptz NOT NULL,
    trace_id      bytea       NOT NULL,
    service       text        NOT NULL,
    name          text        NOT NULL,
    services      text[]      NOT NULL,
    operations    integer[]   NOT NULL,
    linked_traces bytea[],
    data          bytea       NOT NULL
) PARTITION BY RANGE (day);

-- By the hour first: trace ids are random, and so only the pages of one hour are written to at a time.
CREATE INDEX traces_trace_id ON traces (hour, trace_id);
CREATE INDEX traces_started_at ON traces (started_at, trace_id) WHERE NOT is_part;
CREATE INDEX traces_failed ON traces (started_at, trace_id) WHERE errors > 0 AND NOT is_part;
CREATE INDEX traces_linked_traces ON traces USING gin (linked_traces) WHERE linked_traces IS NOT NULL;

ALTER TABLE traces ALTER COLUMN data SET STORAGE EXTERNAL;

COMMENT ON COLUMN traces.hour IS 'Of started_at, UTC.';
COMMENT ON COLUMN traces.is_part IS 'What came after the trace was stored; the columns of its first row, but data, hold the sum of all.';
COMMENT ON COLUMN traces.weight IS 'How many traces it stands for: 1 for one that failed or was slow, more for one of a sample.';
COMMENT ON COLUMN traces.operations IS 'Hashes of the names of its spans, and of service and name.';
COMMENT ON COLUMN traces.linked_traces IS 'The traces that links lead to: a delayed retry and a replay begin a new trace with a link to the old one.';
COMMENT ON COLUMN traces.data IS 'The spans: an ExportTraceServiceRequest of OTLP, compressed with Brotli.';

-- Of every span that came, kept or not. The rows of a minute add up.
CREATE TABLE operations (
    day       date             NOT NULL,
    minute    timestamptz      NOT NULL,
    service   text             NOT NULL,
    name      text             NOT NULL,
    kind      smallint         NOT NULL,
    count     bigint           NOT NULL,
    errors    bigint           NOT NULL,
    nanos     double precision NOT NULL,
    durations bytea            NOT NULL
) PARTITION BY RANGE (day);

CREATE INDEX operations_minute ON operations (minute);

COMMENT ON COLUMN operations.kind IS 'As OTLP has it: 1 internal, 2 server, 3 client, 4 producer, 5 consumer.';
COMMENT ON COLUMN operations.minute IS 'The one in which the spans began.';
COMMENT ON COLUMN operations.durations IS 'A histogram: number of the bucket after the one before, and count, as numbers of variable length. Bucket 0 is no time, bucket n ends at 1.02^n ns.';
