-- Events are stored in chunks, many of them packed into a row, and found through their flow or the time that their id says. What older
-- versions stored, a row for each event, the Monitor packs when it begins to store again.
ALTER TABLE events RENAME TO old_events;

CREATE SEQUENCE batches;

-- One partition a day. The id is the five seconds in which the events were made, and a number.
CREATE TABLE chunks (
    id        bigint      NOT NULL,
    events    integer     NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    ids       bytea       NOT NULL,
    data      bytea       NOT NULL,
    PRIMARY KEY (id)
) PARTITION BY RANGE (id);

ALTER TABLE chunks ALTER COLUMN ids SET STORAGE EXTERNAL, ALTER COLUMN data SET STORAGE EXTERNAL;

COMMENT ON COLUMN chunks.id IS 'The five seconds since the Unix epoch in which the events were made, as their ids say, times 2^32; below that a number.';
COMMENT ON COLUMN chunks.ids IS 'The ids of the events, 16 bytes each.';
COMMENT ON COLUMN chunks.data IS 'Everything else, see EventChunk.';

-- Ids that say no time that is kept, such as one derived from an idempotency key: where their events are.
CREATE TABLE foreign_ids (
    day      date   NOT NULL,
    chunk    bigint NOT NULL,
    event_id uuid   NOT NULL
) PARTITION BY RANGE (day);

CREATE INDEX foreign_ids_event_id ON foreign_ids (event_id);

-- For whoever asks in SQL how many there are.
CREATE VIEW events AS
SELECT encode(substring(ids FROM 16 * place + 1 FOR 16), 'hex')::uuid AS event_id, id AS chunk, stored_at
FROM chunks CROSS JOIN LATERAL generate_series(0, events - 1) AS place;

ALTER TABLE flows RENAME TO old_flows;
ALTER INDEX flows_pkey RENAME TO old_flows_pkey;
DROP INDEX flows_open, flows_undecided, flows_ended_at, flows_failed_at, flows_aggregate_id, flows_started_at, flows_user_id,
    flows_given_up_at, flows_tenant_id;

-- A client may use one correlation id for several orders, so a flow is told by both. One partition a day, of the day on which it began.
CREATE TABLE flows (
    day             date        NOT NULL,
    events          integer     NOT NULL,
    started_at      timestamptz NOT NULL,
    ended_at        timestamptz,
    last_event_at   timestamptz NOT NULL,
    failed_at       timestamptz,
    given_up_at     timestamptz,
    -- Undecided while neither ended in time nor seen to be late: whoever sets it to true counts it.
    deadline_missed boolean,
    correlation_id  text        NOT NULL,
    aggregate_id    text        NOT NULL,
    flow            text        NOT NULL,
    user_id         text,
    tenant_id       text,
    end_type        text,
    outcome         text,
    stages          text,
    attempt         text,
    chunks          bigint[]    NOT NULL,
    status          text        NOT NULL GENERATED ALWAYS AS (CASE WHEN ended_at IS NOT NULL THEN 'ended' WHEN failed_at IS NOT NULL THEN 'failed' ELSE 'open' END) STORED,
    total_micros    bigint      GENERATED ALWAYS AS ((extract(epoch FROM ended_at - started_at) * 1000000)::bigint) STORED,
    PRIMARY KEY (correlation_id, aggregate_id, day)
) PARTITION BY RANGE (day);

CREATE INDEX flows_aggregate_id ON flows (aggregate_id);
CREATE INDEX flows_started_at ON flows (started_at);
CREATE INDEX flows_ended_at ON flows (ended_at) WHERE ended_at IS NOT NULL;
-- Open, or not decided whether late: of one that ends in the batch it began in, there is no entry.
CREATE INDEX flows_unfinished ON flows (started_at) WHERE status = 'open' OR deadline_missed IS NULL;
CREATE INDEX flows_given_up_at ON flows (given_up_at) WHERE given_up_at IS NOT NULL;
CREATE INDEX flows_user_id ON flows (user_id, started_at) WHERE user_id IS NOT NULL;
CREATE INDEX flows_tenant_id ON flows (tenant_id, started_at) WHERE tenant_id IS NOT NULL;

COMMENT ON COLUMN flows.chunks IS 'Where its events are.';
COMMENT ON COLUMN flows.stages IS 'The header stages of the event that ended it, as it came.';

DO $$
DECLARE
    day date;
BEGIN
    FOR day IN SELECT DISTINCT (started_at AT TIME ZONE 'UTC')::date FROM old_flows LOOP
        EXECUTE format('CREATE TABLE flows_%s PARTITION OF flows FOR VALUES FROM (%L) TO (%L)', to_char(day, 'YYYYMMDD'), day, day + 1);
    END LOOP;
END $$;

INSERT INTO flows (day, events, started_at, ended_at, last_event_at, failed_at, given_up_at, deadline_missed, correlation_id, aggregate_id, flow,
    user_id, tenant_id, end_type, outcome, stages, attempt, chunks)
SELECT (started_at AT TIME ZONE 'UTC')::date, events, started_at, ended_at, last_event_at, failed_at, given_up_at, deadline_missed,
    correlation_id, aggregate_id, flow, user_id, tenant_id, end_type, outcome, stages, attempt, '{}'
FROM old_flows;

DROP TABLE old_flows;
