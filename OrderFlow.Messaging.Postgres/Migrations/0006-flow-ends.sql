-- Flows that ended at this service: a row each, committed with what ended it, until it is folded into the buckets below.
CREATE TABLE flow_ends (
    flow     text   NOT NULL,
    status   text   NOT NULL,
    attempt  text   NOT NULL,
    seconds  float8 NOT NULL,
    -- The trace that may be shown as an example.
    trace_id uuid
)
-- Every row dies young, as those of durable_counts do.
WITH (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 5000,
      autovacuum_vacuum_insert_threshold = -1,
      autovacuum_analyze_scale_factor = 0.0, autovacuum_analyze_threshold = 50000);

-- The rows that were folded, by their bucket's upper bound, which is part of it.
CREATE TABLE flow_end_buckets (
    flow    text   NOT NULL,
    status  text   NOT NULL,
    attempt text   NOT NULL,
    upper   float8 NOT NULL,
    count   bigint NOT NULL,
    seconds float8 NOT NULL,
    PRIMARY KEY (flow, status, attempt, upper)
)
WITH (fillfactor = 50);

-- Flows that this service gave up, so that each is counted once, however often its dead letter is written. Kept without end.
CREATE TABLE given_up_flows (
    event_id       uuid        NOT NULL,
    -- The replay that sent the event back before, or zeros.
    replay_run     uuid        NOT NULL,
    correlation_id text        NOT NULL,
    aggregate_id   text        NOT NULL,
    attempt        text        NOT NULL,
    at             timestamptz NOT NULL DEFAULT now(),
    -- Absent when the clocks of two machines made nonsense of it: then the histogram lacks it.
    seconds        float8,
    PRIMARY KEY (event_id, replay_run)
);

-- Without a replay a flow fails once, whichever of its events are given up.
CREATE UNIQUE INDEX given_up_flows_once ON given_up_flows (correlation_id, aggregate_id) WHERE attempt <> 'replayed';
