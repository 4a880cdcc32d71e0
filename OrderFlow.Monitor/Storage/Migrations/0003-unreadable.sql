-- What came over the tap and is no event. The same message again is the same row.
CREATE TABLE unreadable (
    digest      bytea       PRIMARY KEY,
    first_seen  timestamptz NOT NULL,
    last_seen   timestamptz NOT NULL,
    seen        bigint      NOT NULL DEFAULT 1,
    exchange    text        NOT NULL,
    routing_key text        NOT NULL,
    message_id  text,
    wire_type   text,
    source      text,
    problem     text        NOT NULL,
    headers     jsonb       NOT NULL,
    body        bytea       NOT NULL
);

CREATE INDEX unreadable_last_seen ON unreadable (last_seen);
