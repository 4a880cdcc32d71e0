CREATE TABLE orders (
    id             uuid           PRIMARY KEY,
    user_id        text           NOT NULL,
    email          text           NOT NULL,
    currency       text           NOT NULL,
    total          numeric(28, 9) NOT NULL,
    status         text           NOT NULL CHECK (status IN ('awaiting_payment', 'completed', 'rejected')),
    reason         text,
    payment_id     uuid           UNIQUE,
    correlation_id text           NOT NULL,
    created_at     timestamptz    NOT NULL,
    changed_at     timestamptz    NOT NULL
)
WITH (fillfactor = 80);

CREATE TABLE order_lines (
    order_id   uuid           NOT NULL REFERENCES orders,
    line       integer        NOT NULL,
    item_id    text           NOT NULL,
    quantity   integer        NOT NULL CHECK (quantity > 0),
    -- Unknown for a product that is unknown.
    unit_price numeric(28, 9),
    PRIMARY KEY (order_id, line)
);

-- Every status that an order ever had, with the event that brought it there.
CREATE TABLE order_history (
    order_id uuid        NOT NULL REFERENCES orders,
    step     integer     NOT NULL,
    status   text        NOT NULL,
    at       timestamptz NOT NULL,
    event_id uuid        NOT NULL,
    reason   text,
    PRIMARY KEY (order_id, step)
);
