CREATE TABLE payments (
    id           uuid           PRIMARY KEY,
    order_id     uuid           NOT NULL,
    user_id      text           NOT NULL,
    amount       numeric(28, 9) NOT NULL,
    currency     text           NOT NULL,
    outcome      text           NOT NULL CHECK (outcome IN ('approved', 'declined')),
    reason       text,
    provider     text           NOT NULL,
    processed_at timestamptz    NOT NULL
);

CREATE INDEX payments_order_id ON payments (order_id);
