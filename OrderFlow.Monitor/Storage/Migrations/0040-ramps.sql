-- A replay in steps goes on for minutes, in the background: how far it came is kept here, for every replica to show.
ALTER TABLE decisions
    ADD COLUMN ramp       jsonb,
    ADD COLUMN stopped_by text,
    ADD COLUMN alive_at   timestamptz;

-- Two at once would each judge by the failures of the other.
CREATE UNIQUE INDEX decisions_one_ramp ON decisions (service) WHERE action = 'ramp' AND ended_at IS NULL;
CREATE INDEX decisions_unended ON decisions (at) WHERE ended_at IS NULL;

COMMENT ON COLUMN decisions.ramp IS 'Its steps, with what was sent, handled and failed in each.';
COMMENT ON COLUMN decisions.stopped_by IS 'Who asked for it to be stopped.';
COMMENT ON COLUMN decisions.alive_at IS 'When whoever carries it out last said that it goes on, by the clock of the database. Long ago and not ended: its Monitor is gone.';
