-- Webhooks that have answered 410 Gone, which are asked no more. Whoever deletes a row has its webhook asked again.
CREATE TABLE gone_webhooks (
    url      text        PRIMARY KEY,
    gone_at  timestamptz NOT NULL,
    event_id uuid        NOT NULL
);

COMMENT ON COLUMN gone_webhooks.event_id IS 'The event whose notification was answered so.';
