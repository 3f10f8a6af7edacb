-- What of a deployment's past has been read for borrowers. question: what was asked for; what was read for another counts for nothing.
CREATE TABLE discovery (
    id         INTEGER PRIMARY KEY,
    deployment TEXT NOT NULL UNIQUE,
    question   TEXT NOT NULL
);

-- Ranges of blocks, both ends included: read where unserved is null, else refused by every endpoint in these words.
CREATE TABLE discovery_range (
    discovery INTEGER NOT NULL REFERENCES discovery (id),
    first     INTEGER NOT NULL,
    last      INTEGER NOT NULL,
    unserved  TEXT,
    PRIMARY KEY (discovery, first)
) WITHOUT ROWID;

-- A row a log that shows a borrower. Its index by account is dropped before a long load and built after it.
CREATE TABLE discovery_log (
    discovery INTEGER NOT NULL REFERENCES discovery (id),
    block     INTEGER NOT NULL,
    log_index INTEGER NOT NULL,
    account   TEXT NOT NULL,
    tx        BLOB NOT NULL,
    PRIMARY KEY (discovery, block, log_index)
) WITHOUT ROWID;
