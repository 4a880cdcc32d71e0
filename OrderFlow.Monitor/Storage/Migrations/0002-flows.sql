-- A client may use one correlation id for several orders, so a flow is told by both.
CREATE TABLE flows (
    correlation_id  text        NOT NULL,
    aggregate_id    text        NOT NULL,
    flow            text        NOT NULL,
    user_id         text,
    tenant_id       text,
    started_at      timestamptz NOT NULL,
    ended_at        timestamptz,
    end_type        text,
    outcome         text,
    failed_at       timestamptz,
    events          integer     NOT NULL,
    last_event_at   timestamptz NOT NULL,
    -- Undecided while neither ended in time nor seen to be late: whoever sets it to true counts it.
    deadline_missed boolean,
    status          text        NOT NULL GENERATED ALWAYS AS (CASE WHEN ended_at IS NOT NULL THEN 'ended' WHEN failed_at IS NOT NULL THEN 'failed' ELSE 'open' END) STORED,
    total_micros    bigint      GENERATED ALWAYS AS ((extract(epoch FROM ended_at - started_at) * 1000000)::bigint) STORED,
    PRIMARY KEY (correlation_id, aggregate_id)
) WITH (fillfactor = 80);

CREATE INDEX flows_open ON flows (started_at) WHERE status = 'open';
CREATE INDEX flows_undecided ON flows (started_at) WHERE deadline_missed IS NULL;
CREATE INDEX flows_ended_at ON flows (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX flows_failed_at ON flows (failed_at) WHERE failed_at IS NOT NULL;
CREATE INDEX flows_aggregate_id ON flows (aggregate_id);
CREATE INDEX flows_started_at ON flows (started_at, correlation_id, aggregate_id);
CREATE INDEX flows_user_id ON flows (user_id, started_at) WHERE user_id IS NOT NULL;
