-- What order is kept by, where the service asks for it (Durability:PublishInOrder). Otherwise it is NULL, and the index has nothing to do.
ALTER TABLE outbox ADD COLUMN aggregate_id text;

CREATE INDEX outbox_order ON outbox (aggregate_id, sequence) WHERE aggregate_id IS NOT NULL;
