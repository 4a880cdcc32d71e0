-- Which events a consumer has handled: a second delivery of one finds its row and has no effect.
CREATE TABLE inbox (
    consumer    text        NOT NULL,
    event_id    uuid        NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, event_id)
);

-- Only the clean-up reads by age, in bulk: a block range index costs an insert almost nothing.
CREATE INDEX inbox_received_at ON inbox USING brin (received_at) WITH (autosummarize = on);
