-- What was decided about dead letters here: written before it is done, completed after. Kept without end.
CREATE TABLE decisions (
    run        uuid        PRIMARY KEY,
    at         timestamptz NOT NULL,
    action     text        NOT NULL,
    service    text        NOT NULL,
    selection  text        NOT NULL,
    reason     text,
    decided_by text,
    holder     text        NOT NULL,
    peer       text,
    ended_at   timestamptz,
    count      integer,
    problem    text
);

CREATE INDEX decisions_at ON decisions (at);

COMMENT ON COLUMN decisions.holder IS 'How the token was shown: bearer or session.';
