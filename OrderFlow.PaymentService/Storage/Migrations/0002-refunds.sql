-- When the customer got the money back, of a payment whose order was rejected before the answer about it came.
ALTER TABLE payments ADD COLUMN refunded_at timestamptz;
