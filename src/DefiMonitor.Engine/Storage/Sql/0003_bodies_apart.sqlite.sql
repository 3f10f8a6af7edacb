-- A start reads the heads of all reports; what is long lies apart, in tables whose rows may fill a page.
CREATE TABLE report_body (
    account TEXT PRIMARY KEY,
    body    TEXT NOT NULL
);
INSERT INTO report_body (account, body) SELECT account, body FROM report ORDER BY account;
ALTER TABLE report DROP COLUMN body;

ALTER TABLE memory RENAME TO memory_before;
DROP INDEX memory_by_chain;
CREATE TABLE memory (
    account    TEXT PRIMARY KEY,
    chain      TEXT NOT NULL,
    is_unknown INTEGER NOT NULL DEFAULT 0,
    body       TEXT NOT NULL
);
INSERT INTO memory (account, chain, is_unknown, body) SELECT account, chain, is_unknown, body FROM memory_before ORDER BY account;
DROP TABLE memory_before;
CREATE INDEX memory_by_chain ON memory (chain, is_unknown);

-- All of a chain are read in the order of their accounts, which is the order of the tables.
DROP INDEX candidate_by_chain;
DROP INDEX report_by_chain;
