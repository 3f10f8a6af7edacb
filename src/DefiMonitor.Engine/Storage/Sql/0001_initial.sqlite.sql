-- Times are milliseconds since 1970 (wall clock), block timestamps seconds. Chains, deployments and accounts are their canonical text.

-- Who may write: every commit of a loop checks its epoch.
CREATE TABLE loop (
    name  TEXT PRIMARY KEY,
    epoch INTEGER NOT NULL,
    beat  TEXT
) WITHOUT ROWID;

-- The finalized block that the state rows stand at.
CREATE TABLE checkpoint (
    chain  TEXT PRIMARY KEY,
    number INTEGER NOT NULL,
    hash   TEXT NOT NULL,
    header TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE state_table (
    id         INTEGER PRIMARY KEY,
    chain      TEXT NOT NULL,
    deployment TEXT NOT NULL,
    name       TEXT NOT NULL,
    UNIQUE (deployment, name)
);

CREATE TABLE state (
    tbl   INTEGER NOT NULL REFERENCES state_table (id),
    key   BLOB NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (tbl, key)
) WITHOUT ROWID;

CREATE TABLE raw_log (
    chain     TEXT NOT NULL,
    block     INTEGER NOT NULL,
    log_index INTEGER NOT NULL,
    hash      BLOB NOT NULL,
    tx        BLOB NOT NULL,
    address   BLOB NOT NULL,
    topics    BLOB NOT NULL,
    data      BLOB NOT NULL,
    PRIMARY KEY (chain, block, log_index)
) WITHOUT ROWID;

CREATE TABLE candidate (
    account       TEXT PRIMARY KEY,
    chain         TEXT NOT NULL,
    source        TEXT NOT NULL,
    added_at      INTEGER NOT NULL,
    found_block   INTEGER,
    entered_block INTEGER
) WITHOUT ROWID;
CREATE INDEX candidate_by_chain ON candidate (chain);

CREATE TABLE alert (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    alert_id     TEXT NOT NULL UNIQUE,
    loop         TEXT NOT NULL,
    subject      TEXT NOT NULL,
    rule         TEXT NOT NULL,
    level        INTEGER NOT NULL,
    opened_block INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    state        TEXT NOT NULL
);
CREATE INDEX alert_of_subject ON alert (loop, subject, rule, id);
CREATE INDEX alert_open ON alert (id) WHERE level > 0;

CREATE TABLE alert_transition (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    alert_id     TEXT NOT NULL,
    number       INTEGER NOT NULL,
    chain        TEXT NOT NULL,
    block        INTEGER NOT NULL,
    committed_at INTEGER NOT NULL,
    body         TEXT NOT NULL,
    -- The chain's own view of it, asked once before the first sink tells it.
    view         TEXT,
    UNIQUE (alert_id, number)
);

CREATE INDEX transition_of_block ON alert_transition (chain, block);

-- status: 0 due, 1 sent, 2 dead, 3 suppressed, 4 held until next_at. is_repeat: told before, once more because nobody acknowledged it.
CREATE TABLE outbox (
    message_id   TEXT PRIMARY KEY,
    seq          INTEGER NOT NULL REFERENCES alert_transition (seq),
    alert_id     TEXT NOT NULL,
    sink         TEXT NOT NULL,
    status       INTEGER NOT NULL,
    attempts     INTEGER NOT NULL,
    next_at      INTEGER NOT NULL,
    done_at      INTEGER,
    last_error   TEXT,
    confirmation TEXT,
    is_repeat    INTEGER NOT NULL DEFAULT 0,
    -- The level that it rises to or comes down from.
    urgency      INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX outbox_due ON outbox (sink, alert_id, seq) WHERE status IN (0, 4);
CREATE INDEX outbox_repeat ON outbox (seq, sink) WHERE is_repeat = 1;
CREATE INDEX outbox_dead ON outbox (seq) WHERE status = 2;

-- A few words that a sink wants to find again, such as the message that an alert's next one answers.
CREATE TABLE sink_note (
    sink  TEXT NOT NULL,
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (sink, key)
) WITHOUT ROWID;

CREATE TABLE confirmation (
    seq         INTEGER PRIMARY KEY,
    chain       TEXT NOT NULL,
    alert_id    TEXT NOT NULL,
    account     TEXT NOT NULL,
    asked_at    INTEGER NOT NULL,
    answered_at INTEGER
);
CREATE INDEX confirmation_open ON confirmation (chain, seq) WHERE answered_at IS NULL;

CREATE TABLE report (
    account TEXT PRIMARY KEY,
    chain   TEXT NOT NULL,
    level   INTEGER NOT NULL,
    status  INTEGER NOT NULL,
    sigmas  REAL,
    block   INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    body    TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX report_by_chain ON report (chain);

-- What the judge wants to be reminded of after a restart.
CREATE TABLE memory (
    account TEXT PRIMARY KEY,
    chain   TEXT NOT NULL,
    body    TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX memory_by_chain ON memory (chain);

CREATE TABLE mute (
    key      TEXT PRIMARY KEY,
    until_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE command (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    loop       TEXT NOT NULL,
    verb       TEXT NOT NULL,
    args       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    applied_at INTEGER,
    result     TEXT
);
CREATE INDEX command_open ON command (loop, id) WHERE applied_at IS NULL;
