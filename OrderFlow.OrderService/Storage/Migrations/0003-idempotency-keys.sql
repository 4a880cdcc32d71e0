-- Which order a client's idempotency key belongs to. The order's id follows from the key, so it stands for it.
CREATE TABLE idempotency_keys (
    order_id       uuid    PRIMARY KEY,
    -- SHA-256 of what is ordered.
    fingerprint    bytea   NOT NULL,
    correlation_id text    NOT NULL,
    -- Whether a Gateway has counted the order as accepted.
    counted        boolean NOT NULL DEFAULT false
)
WITH (fillfactor = 80);
