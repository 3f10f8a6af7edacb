-- The parameters of a market as people know them, and what was told of them lately.
CREATE TABLE market_memory (
    deployment TEXT PRIMARY KEY,
    chain      TEXT NOT NULL,
    body       TEXT NOT NULL
);
CREATE INDEX market_memory_by_chain ON market_memory (chain);
