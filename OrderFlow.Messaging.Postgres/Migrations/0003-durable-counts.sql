-- What the transactions counted, one row per counter, labels and transaction: committed together with what is counted. There is no row that
-- two transactions change, so none waits for another. No index either: rows are only ever read and folded away all together.
CREATE TABLE durable_counts (
    counter text   NOT NULL,
    labels  jsonb  NOT NULL,
    value   bigint NOT NULL CHECK (value >= 0)
)
-- Every row dies young, as those of the outbox do.
WITH (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 5000,
      autovacuum_vacuum_insert_threshold = -1,
      autovacuum_analyze_scale_factor = 0.0, autovacuum_analyze_threshold = 50000);

-- The rows that were folded. A counter's number is its total here and its rows above, read in one statement.
CREATE TABLE durable_totals (
    counter text   NOT NULL,
    labels  jsonb  NOT NULL,
    total   bigint NOT NULL,
    PRIMARY KEY (counter, labels)
)
WITH (fillfactor = 50);
