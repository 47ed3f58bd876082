//! The tables of a review.

/// Raised with every change to the tables.
pub(super) const VERSION: i64 = 1;

pub(super) const TABLES: &str = "
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE event (
    seq INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL,
    at_utc TEXT NOT NULL,
    who TEXT NOT NULL,
    organisation TEXT NOT NULL,
    role TEXT NOT NULL,
    stage TEXT NOT NULL,
    item TEXT NOT NULL,
    item_version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT,
    comment TEXT NOT NULL,
    geom_before BLOB,
    geom_after BLOB,
    evidence TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    seconds_open REAL,
    client TEXT NOT NULL,
    prev BLOB NOT NULL,
    hash BLOB NOT NULL
);
CREATE INDEX event_of_item ON event (item);
CREATE INDEX event_of_decision ON event (uuid);
CREATE INDEX event_at ON event (at_utc);
CREATE TRIGGER event_is_kept BEFORE DELETE ON event
    BEGIN SELECT RAISE(ABORT, 'the log of a review only grows'); END;
CREATE TRIGGER event_is_final BEFORE UPDATE ON event
    BEGIN SELECT RAISE(ABORT, 'the log of a review only grows'); END;
CREATE TABLE item (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    stage TEXT NOT NULL,
    state TEXT NOT NULL,
    disposition TEXT,
    eo_category TEXT NOT NULL,
    boundary BLOB NOT NULL,
    parents TEXT NOT NULL,
    verdicts TEXT NOT NULL,
    acted TEXT NOT NULL,
    returns INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE user (
    name TEXT PRIMARY KEY,
    organisation TEXT NOT NULL DEFAULT '',
    roles TEXT NOT NULL DEFAULT '',
    districts TEXT NOT NULL DEFAULT '',
    password_hash TEXT,
    is_locked INTEGER NOT NULL DEFAULT 0,
    created_utc TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE session (
    digest BLOB PRIMARY KEY,
    user TEXT NOT NULL REFERENCES user (name),
    client TEXT NOT NULL,
    created_utc TEXT NOT NULL,
    seen_utc TEXT NOT NULL
) WITHOUT ROWID;
";
