CREATE TABLE products (
    id       text           PRIMARY KEY,
    price    numeric(19, 4) NOT NULL CHECK (price >= 0),
    currency text           NOT NULL,
    stock    bigint         NOT NULL CHECK (stock >= 0)
)
-- The same few rows change with every order: room for their new versions on the same page, so that no index changes.
WITH (fillfactor = 20);

INSERT INTO products (id, price, currency, stock)
SELECT 'item-' || n, round(4.99 + n * 1.25, 2), 'EUR', 1000000000 FROM generate_series(1, 100) AS n
UNION ALL VALUES ('item-rare', 249.00, 'EUR', 1), ('item-gone', 19.90, 'EUR', 0);
