-- Absent for every event but the one that ends a flow.
ALTER TABLE events ADD COLUMN ended_at timestamptz;

COMMENT ON COLUMN events.ended_at IS 'When the flow ended, as the event says: it is published some moments later.';
