-- The worst that happened to the flow until the customer was told: what the end-to-end histogram's label says. Older rows do not know.
ALTER TABLE notifications ADD COLUMN attempt text CHECK (attempt IN ('first', 'retried', 'replayed'));
