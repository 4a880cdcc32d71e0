-- One partition a day, of the day on which the event was published (UTC). The service makes and drops them.
-- The id is unique within its day; the store looks for those that may have come on an earlier one.
CREATE TABLE events (
    day            date        NOT NULL,
    event_id       uuid        NOT NULL,
    correlation_id text        NOT NULL,
    causation_id   uuid,
    wire_type      text        NOT NULL,
    version        integer     NOT NULL,
    source         text,
    aggregate_id   text,
    tenant_id      text,
    user_id        text,
    flow           text        NOT NULL,
    origin         timestamptz NOT NULL,
    published_at   timestamptz NOT NULL,
    stored_at      timestamptz NOT NULL DEFAULT now(),
    attempt        integer     NOT NULL,
    replayed       boolean     NOT NULL,
    traceparent    text,
    headers        jsonb,
    body           bytea       NOT NULL,
    PRIMARY KEY (event_id, day)
) PARTITION BY RANGE (day);

CREATE INDEX events_correlation_id ON events (correlation_id);
CREATE INDEX events_causation_id ON events (causation_id) WHERE causation_id IS NOT NULL;
CREATE INDEX events_aggregate_id ON events (aggregate_id) WHERE aggregate_id IS NOT NULL;

COMMENT ON COLUMN events.headers IS 'The headers that have no column of their own.';

CREATE TABLE event_counts (
    minute    timestamptz NOT NULL,
    wire_type text        NOT NULL,
    count     bigint      NOT NULL,
    PRIMARY KEY (minute, wire_type)
);
