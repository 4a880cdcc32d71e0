-- One row per end of an order that a customer is told about.
CREATE TABLE notifications (
    event_id          uuid        PRIMARY KEY,
    order_id          text        NOT NULL,
    user_id           text        NOT NULL,
    subject           text        NOT NULL,
    channel           text        NOT NULL,
    -- 'telling' that stays: the service was killed while it told the customer, or every attempt failed.
    status            text        NOT NULL CHECK (status IN ('telling', 'told')),
    attempts          integer     NOT NULL DEFAULT 1,
    begun_at          timestamptz NOT NULL,
    told_at           timestamptz,
    end_to_end_micros bigint
)
WITH (fillfactor = 80);

CREATE INDEX notifications_order_id ON notifications (order_id);
