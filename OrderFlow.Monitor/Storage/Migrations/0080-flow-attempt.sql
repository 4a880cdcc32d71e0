-- The worst that happened to the flow before the event, from its header flow-attempt: retried or replayed, absent when nothing did.
ALTER TABLE events ADD COLUMN flow_attempt text;

-- The same of the event that ended the flow, and when the flow was first given up without a replay, which no replay takes back: what the
-- end-to-end histogram counts. Older flows count as first.
ALTER TABLE flows
    ADD COLUMN attempt text,
    ADD COLUMN given_up_at timestamptz;

UPDATE flows SET given_up_at = failed_at WHERE failed_at IS NOT NULL;

CREATE INDEX flows_given_up_at ON flows (given_up_at) WHERE given_up_at IS NOT NULL;

ALTER TABLE handling ADD COLUMN flow_attempt text;

COMMENT ON COLUMN handling.flow_attempt IS 'The worst that happened to the flow until then: first, retried or replayed.';
