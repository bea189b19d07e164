"""Versions of the store's SQLite schema: the script that leads to each."""

# How rows of versions 1 to 5, which have no column `resumable`, say that it is 0: part of their sentence.
OLD_DIVERGED = "resumed as it is, it would end here again"

# One script a version; a store of version n runs those after n. Never edit one that was released.
MIGRATIONS = (
    """
    CREATE TABLE runs (
        id TEXT PRIMARY KEY,
        created REAL NOT NULL,
        state TEXT NOT NULL,         -- running, finished, failed, cancelled
        preset TEXT NOT NULL,
        dataset TEXT NOT NULL,
        ipc INTEGER NOT NULL,
        seed INTEGER NOT NULL,
        settings TEXT NOT NULL,      -- JSON: RunConfig
        plan TEXT NOT NULL,          -- JSON: the stages and their keys
        manifest TEXT NOT NULL,      -- JSON: versions, data set, digests
        progress TEXT NOT NULL DEFAULT '{}',
        result TEXT,
        error TEXT,
        cancel INTEGER NOT NULL DEFAULT 0,
        pid INTEGER,
        heartbeat REAL
    );
    CREATE TABLE curves (
        key TEXT NOT NULL,           -- the stage that reported them
        series TEXT NOT NULL,
        step INTEGER NOT NULL,
        value REAL,
        PRIMARY KEY (key, series, step)
    ) WITHOUT ROWID;
    CREATE TABLE looks (             -- each time the test set was scored
        key TEXT NOT NULL,
        dataset TEXT NOT NULL,       -- its digest
        run TEXT NOT NULL,
        time REAL NOT NULL
    );
    CREATE INDEX looks_by_run ON looks (run);
    """,
    """
    ALTER TABLE runs ADD COLUMN title TEXT NOT NULL DEFAULT '';
    ALTER TABLE runs ADD COLUMN owner TEXT NOT NULL DEFAULT '';     -- a person's id
    ALTER TABLE runs ADD COLUMN origin TEXT NOT NULL DEFAULT 'command line';
    ALTER TABLE runs ADD COLUMN wanted TEXT NOT NULL DEFAULT '[]';  -- JSON: extra stages asked for, not yet made
    ALTER TABLE runs ADD COLUMN queued REAL;
    ALTER TABLE runs ADD COLUMN started REAL;
    ALTER TABLE runs ADD COLUMN finished REAL;
    ALTER TABLE runs ADD COLUMN pid_created REAL;
    ALTER TABLE runs ADD COLUMN cancel_time REAL;
    CREATE INDEX runs_by_state ON runs (state);
    CREATE TABLE submissions (       -- who asked for a run
        run TEXT NOT NULL,
        person TEXT NOT NULL,
        time REAL NOT NULL,
        turn INTEGER NOT NULL,       -- the round of turns in which it comes
        PRIMARY KEY (run, person)
    ) WITHOUT ROWID;
    CREATE TABLE workers (
        pid INTEGER PRIMARY KEY,
        created REAL,                -- the process's birth: numbers are reused
        device TEXT NOT NULL,
        started REAL NOT NULL,
        heartbeat REAL NOT NULL,
        runs INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE people (
        id TEXT PRIMARY KEY,
        nickname TEXT NOT NULL,
        room TEXT NOT NULL,          -- digest of the code that let them in
        token TEXT NOT NULL UNIQUE,  -- digest of what their browser remembers
        created REAL NOT NULL
    );
    CREATE TABLE measurements (      -- of this machine
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL,         -- JSON
        time REAL NOT NULL
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE ablations (         -- matrices of runs that somebody asked for
        id TEXT PRIMARY KEY,
        created REAL NOT NULL,
        title TEXT NOT NULL DEFAULT '',
        design TEXT NOT NULL,        -- JSON: ablation.Design
        owner TEXT NOT NULL DEFAULT '',    -- a person's id
        nickname TEXT NOT NULL DEFAULT ''
    );
    CREATE TABLE ablation_work (     -- which of them are handed to the queue here; a merged one is not
        ablation TEXT PRIMARY KEY,
        state TEXT NOT NULL,         -- running, stopped, finished
        since REAL NOT NULL,         -- its last start: what failed before that is tried again
        session TEXT NOT NULL DEFAULT ''   -- whose turns it takes where people have no ids
    ) WITHOUT ROWID;
    CREATE TABLE bets (              -- sealed: a row is never changed and never taken away
        id TEXT PRIMARY KEY,
        ablation TEXT NOT NULL,
        person TEXT NOT NULL DEFAULT '',
        nickname TEXT NOT NULL DEFAULT '',
        time REAL NOT NULL,
        bet TEXT NOT NULL,           -- JSON
        settings TEXT NOT NULL       -- digest of the design that it is about
    );
    CREATE INDEX bets_by_ablation ON bets (ablation);
    CREATE TRIGGER bets_once BEFORE INSERT ON bets WHEN EXISTS (SELECT 1 FROM bets WHERE id = NEW.id) BEGIN
        SELECT RAISE(ABORT, 'this bet is placed already');  -- INSERT OR REPLACE would pass the two below by
    END;
    CREATE TRIGGER bets_stay BEFORE UPDATE ON bets BEGIN
        SELECT RAISE(ABORT, 'a bet that is placed cannot be changed');
    END;
    CREATE TRIGGER bets_remain BEFORE DELETE ON bets BEGIN
        SELECT RAISE(ABORT, 'a bet that is placed cannot be taken back');
    END;
    """,
    """
    CREATE TABLE datasets (          -- that somebody added in the app, a row for each who did
        address TEXT NOT NULL,       -- as runs name it: a folder's path, and what is chosen from it
        owner TEXT NOT NULL DEFAULT '',    -- a person's id
        added REAL NOT NULL,
        listed INTEGER NOT NULL,     -- 0: an upload that was sent and is not added yet
        PRIMARY KEY (address, owner)
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE submissions ADD COLUMN extra INTEGER NOT NULL DEFAULT 0;  -- 1: asked more of a run that was finished
    """,
    f"""
    ALTER TABLE runs ADD COLUMN resumable INTEGER NOT NULL DEFAULT 1;  -- 0: it failed so that resuming is no use
    UPDATE runs SET resumable = 0 WHERE error LIKE '%{OLD_DIVERGED}%';
    """,
    """
    ALTER TABLE runs ADD COLUMN pid_scope TEXT;        -- where pid counts: host, boot, PID namespace
    ALTER TABLE runs ADD COLUMN heartbeat_clock REAL;  -- the heartbeat by that boot's own clock
    DROP TABLE workers;              -- two containers may have a process of the same number
    CREATE TABLE workers (
        pid INTEGER NOT NULL,
        pid_scope TEXT NOT NULL DEFAULT '',
        created REAL,
        device TEXT NOT NULL,
        started REAL NOT NULL,
        heartbeat REAL NOT NULL,
        runs INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (pid, pid_scope)
    );
    """,
    """
    ALTER TABLE people ADD COLUMN seen REAL;         -- when they last opened or used a page
    ALTER TABLE people ADD COLUMN archived REAL;     -- when a new class took the place of theirs
    ALTER TABLE people ADD COLUMN return_code TEXT;  -- digest of a code that gives the nickname back, once
    ALTER TABLE people ADD COLUMN return_until REAL;
    CREATE TABLE duel_votes (        -- a person's first vote on a pair of sets
        person TEXT NOT NULL,
        pair TEXT NOT NULL,          -- both runs, in alphabetical order
        picked TEXT NOT NULL,        -- a run
        time REAL NOT NULL,
        PRIMARY KEY (person, pair)
    ) WITHOUT ROWID;
    """,
)
