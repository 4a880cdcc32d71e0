-- An event's day is from now on the one on which its id was made, which a UUIDv7 says in its first 48 bits: all copies of it have the same.
-- So far it was the one on which it was published: what was published on another day than its id says (mostly around midnight) moves, if that day
-- has a partition. Of several copies the first stays, and what counted the others is put right.
CREATE TEMP TABLE moving ON COMMIT DROP AS
SELECT event_id, day, made_on, row_number() OVER (PARTITION BY event_id ORDER BY stored_at, day) > 1
    OR EXISTS (SELECT FROM events AS there WHERE there.event_id = uneven.event_id AND there.day = uneven.made_on) AS is_copy
FROM (
    SELECT event_id, day, stored_at, (to_timestamp(('x0000' || substr(replace(event_id::text, '-', ''), 1, 12))::bit(64)::bigint / 1000.0) AT TIME ZONE 'UTC')::date AS made_on
    FROM events WHERE substr(event_id::text, 15, 1) = '7' AND substr(event_id::text, 20, 1) IN ('8', '9', 'a', 'b')
        -- Within the calendar of both sides.
        AND substr(event_id::text, 1, 4) < '4000'
) AS uneven
WHERE made_on <> day AND to_regclass('events_' || to_char(made_on, 'YYYYMMDD')) IS NOT NULL;

WITH gone AS (
    DELETE FROM events USING moving WHERE moving.is_copy AND events.event_id = moving.event_id AND events.day = moving.day
    RETURNING events.correlation_id, coalesce(events.aggregate_id, '') AS aggregate_id, events.wire_type, events.published_at
), counted AS (
    UPDATE event_counts SET count = event_counts.count - extra.count
    FROM (SELECT date_trunc('minute', published_at) AS minute, wire_type, count(*) FROM gone GROUP BY 1, 2) AS extra
    WHERE event_counts.minute = extra.minute AND event_counts.wire_type = extra.wire_type
)
UPDATE flows SET events = flows.events - extra.count
FROM (SELECT correlation_id, aggregate_id, count(*) FROM gone GROUP BY 1, 2) AS extra
WHERE flows.correlation_id = extra.correlation_id AND flows.aggregate_id = extra.aggregate_id;

UPDATE events SET day = moving.made_on FROM moving WHERE NOT moving.is_copy AND events.event_id = moving.event_id AND events.day = moving.day;

COMMENT ON COLUMN events.day IS 'The day (UTC) on which the id was made, as a UUIDv7 says; of any other id, and when that day is not kept, the one on which the event was published.';
