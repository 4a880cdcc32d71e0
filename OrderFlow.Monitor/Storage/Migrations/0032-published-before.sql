-- What event_counts held of the minutes that are dropped: published in all is both together.
CREATE TABLE published_before (
    wire_type text   PRIMARY KEY,
    count     bigint NOT NULL
);
