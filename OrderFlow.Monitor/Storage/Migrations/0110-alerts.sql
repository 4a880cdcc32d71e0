-- Alerts as Alertmanager told of them: a row each time that one fired.
CREATE TABLE alerts (
    fingerprint     text        NOT NULL,
    started_at      timestamptz NOT NULL,
    name            text        NOT NULL,
    severity        text        NOT NULL,
    team            text,
    labels          jsonb       NOT NULL,
    annotations     jsonb       NOT NULL,
    told_at         timestamptz NOT NULL,
    ended_at        timestamptz,
    acknowledged_at timestamptz,
    acknowledged_by text,
    escalated_at    timestamptz,
    PRIMARY KEY (fingerprint, started_at)
);

CREATE INDEX alerts_started_at ON alerts (started_at);
CREATE INDEX alerts_firing ON alerts (started_at) WHERE ended_at IS NULL;

-- What is to be told in chats, a row for each chat, until it is told or given up.
CREATE TABLE alert_messages (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel    text        NOT NULL,
    title      text        NOT NULL,
    body       text        NOT NULL,
    created_at timestamptz NOT NULL,
    -- Not before; also how long who sends it now has it for itself.
    due_at     timestamptz NOT NULL,
    attempts   integer     NOT NULL DEFAULT 0,
    sent_at    timestamptz,
    gave_up_at timestamptz,
    problem    text
);

CREATE INDEX alert_messages_due ON alert_messages (channel, due_at) WHERE sent_at IS NULL AND gave_up_at IS NULL;
