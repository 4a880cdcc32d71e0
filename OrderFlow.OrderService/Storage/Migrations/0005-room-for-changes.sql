-- An order changes once, a moment after it came: with room on its page the change touches no index.
ALTER TABLE orders SET (fillfactor = 50);
-- Payment ids are made by this service, and nobody looks for an order by one.
ALTER TABLE orders DROP CONSTRAINT orders_payment_id_key;
