/**
 * The tables, as migrations in order; the store's version is how many of them it has had. SQL is the portable
 * subset of SQLite and Postgres: epoch ms as integers, 0 and 1 for booleans, JSON as text.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);

  -- One row a fact; seq grows with every change, so "what changed since" is a range. Removed facts stay as
  -- rows without meaning, for what was derived from them has to be restated.
  CREATE TABLE facts (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    id TEXT NOT NULL,
    scope TEXT NOT NULL,
    at INTEGER NOT NULL,
    open INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (kind, source, id)
  );
  CREATE INDEX facts_by_scope ON facts (scope, kind);
  CREATE INDEX facts_open ON facts (source, kind) WHERE open = 1;

  -- Where facts are found: a repository, a service, or a name that incidents use.
  CREATE TABLE scopes (scope TEXT NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (scope, kind));
  CREATE TABLE incident_scopes (
    scope TEXT NOT NULL, source TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (scope, source, id)
  );

  -- Scopes that a fact was in before it changed: they have to be derived again without it.
  CREATE TABLE left_scopes (scope TEXT NOT NULL, kind TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (scope, kind));

  CREATE TABLE sources (
    name TEXT PRIMARY KEY, cursor TEXT, complete_until INTEGER, error TEXT
  );

  -- What derivation keeps so that a refresh needs not read a history again: a cache of the facts.
  CREATE TABLE histories (scope TEXT PRIMARY KEY, stamp TEXT NOT NULL, body BLOB NOT NULL);

  -- The outbox. rev grows with every change of a point; a sink has everything up to the rev it acknowledged.
  -- fields is NULL for a removed point; replaces counts how often stale fields had to be deleted first.
  CREATE TABLE series (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, owner TEXT NOT NULL);
  CREATE INDEX series_by_owner ON series (owner);
  CREATE TABLE points (
    rev INTEGER PRIMARY KEY,
    series INTEGER NOT NULL,
    at INTEGER NOT NULL,
    nanos INTEGER NOT NULL,
    replaces INTEGER NOT NULL,
    fields TEXT,
    UNIQUE (series, at, nanos)
  );
  CREATE TABLE sinks (name TEXT PRIMARY KEY, acked_rev INTEGER NOT NULL);
  CREATE TABLE rejected_points (
    sink TEXT NOT NULL, rev INTEGER NOT NULL, series TEXT NOT NULL, at INTEGER NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (sink, rev)
  );

  -- Which slots of the schedule were run: claimed before, completed after.
  CREATE TABLE slots (job TEXT NOT NULL, slot INTEGER NOT NULL, claimed_at INTEGER NOT NULL, done_at INTEGER,
    PRIMARY KEY (job, slot));
  `,
  `
  -- Points of the running day, which the next hour replaces: by themselves, so that an hour of a thousand services
  -- changes a few pages and not one for each series. A rev is in one of the two tables.
  CREATE TABLE passing_points (
    rev INTEGER PRIMARY KEY,
    series INTEGER NOT NULL,
    at INTEGER NOT NULL,
    nanos INTEGER NOT NULL,
    replaces INTEGER NOT NULL,
    fields TEXT,
    UNIQUE (series, at, nanos)
  );
  `,
  `
  -- What was restated of windows that had ended, and why: one row a service and refresh, its body as JSON.
  CREATE TABLE restatements (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, service TEXT NOT NULL, body TEXT NOT NULL);
  CREATE INDEX restatements_by_time ON restatements (at);
  `,
  `
  -- The names of tests, which reports refer to by number.
  CREATE TABLE test_names (
    id INTEGER PRIMARY KEY, repository TEXT NOT NULL, suite TEXT NOT NULL, name TEXT NOT NULL,
    UNIQUE (repository, suite, name)
  );
  `,
  `
  -- Alerts: what every instance of a rule has come to, what every channel was told of a group, and the messages that are
  -- on their way. State and messages are written in one transaction; bodies are JSON.
  CREATE TABLE alert_instances (key TEXT PRIMARY KEY, body TEXT NOT NULL);
  CREATE TABLE alert_groups (id TEXT PRIMARY KEY, body TEXT NOT NULL, over INTEGER NOT NULL, receipt TEXT);
  CREATE TABLE alert_history (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE INDEX alert_history_by_time ON alert_history (at);
  CREATE TABLE alert_silences (id TEXT PRIMARY KEY, body TEXT NOT NULL);
  CREATE TABLE notifications (
    id INTEGER PRIMARY KEY,
    channel TEXT NOT NULL,
    group_id TEXT NOT NULL,
    message_key TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    leased_until INTEGER NOT NULL,
    error TEXT
  );
  CREATE INDEX notifications_waiting ON notifications (channel, id) WHERE state = 'waiting';
  `,
  `
  -- A group of alerts is told of under another id each time that it begins; the queue stays the same, so that no message
  -- of the next time overtakes one of the last.
  ALTER TABLE notifications ADD COLUMN queue TEXT NOT NULL DEFAULT '';
  UPDATE notifications SET queue = group_id;
  CREATE INDEX notifications_queued ON notifications (channel, queue, id) WHERE state = 'waiting';
  `,
  `
  -- What a channel knows of a group: the last message of it that it took, empty where it took none; of groups from before
  -- this it is not known. unsure: the message may have been taken, although nobody said so.
  ALTER TABLE alert_groups ADD COLUMN taken TEXT;
  ALTER TABLE notifications ADD COLUMN unsure INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX notifications_by_group ON notifications (group_id);
  `,
  `
  -- How channels are doing, and whom an outage was told to. Groups of the channels are about an outage, those of the rules
  -- about what fires.
  CREATE TABLE alert_channels (
    name TEXT PRIMARY KEY,
    failing_since INTEGER,
    failed_at INTEGER,
    error TEXT,
    taken_at INTEGER,
    resting_until INTEGER NOT NULL DEFAULT 0,
    lost INTEGER NOT NULL DEFAULT 0,
    outages INTEGER NOT NULL DEFAULT 0,
    told_at INTEGER,
    told_since INTEGER,
    told_to TEXT,
    told_group TEXT
  );
  ALTER TABLE alert_groups ADD COLUMN owner TEXT NOT NULL DEFAULT 'rules';
  `,
  `
  -- Since when a channel has not taken a message: a day of it, and it is given up, however old the message is.
  ALTER TABLE notifications ADD COLUMN failed_since INTEGER;
  `,
]
