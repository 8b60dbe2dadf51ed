package store

import "fmt"

// applicationID marks a SQLite file as ours (PRAGMA application_id), "mhb1" in ASCII.
const applicationID = 0x6d686231

// migrations are applied in order; the number applied is PRAGMA user_version in
// SQLite and the one row of mailhelpbot_schema in PostgreSQL. Append only: a
// released line never changes. They are written for SQLite; dialect.go
// translates them, and knows STRICT and WITHOUT ROWID tables of INTEGER, TEXT
// and BLOB, and indexes.
var migrations = []string{
	`
CREATE TABLE meta (
	key   TEXT PRIMARY KEY,
	value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE document (
	kind   TEXT NOT NULL,
	id     TEXT NOT NULL,
	origin TEXT NOT NULL,
	author TEXT NOT NULL DEFAULT '',
	hash   TEXT NOT NULL,
	body   BLOB NOT NULL,
	PRIMARY KEY (kind, id, origin)
) STRICT;

CREATE TABLE conversation (
	platform TEXT NOT NULL,
	tenant   TEXT NOT NULL,
	channel  TEXT NOT NULL,
	thread   TEXT NOT NULL,
	provider TEXT NOT NULL,
	domain   TEXT NOT NULL,
	host     TEXT NOT NULL,
	client   TEXT NOT NULL,
	protocol TEXT NOT NULL,
	topic    TEXT NOT NULL,
	cause    TEXT NOT NULL,
	lang     TEXT NOT NULL,
	updated  INTEGER NOT NULL, -- Unix seconds
	PRIMARY KEY (platform, tenant, channel, thread)
) STRICT, WITHOUT ROWID;
CREATE INDEX conversation_updated ON conversation (updated);

CREATE TABLE answered (
	platform TEXT NOT NULL,
	tenant   TEXT NOT NULL,
	message  TEXT NOT NULL,
	at       INTEGER NOT NULL, -- Unix seconds
	PRIMARY KEY (platform, tenant, message)
) STRICT, WITHOUT ROWID;
CREATE INDEX answered_at ON answered (at);
`,
	`
CREATE TABLE found (
	domain  TEXT PRIMARY KEY,
	body    BLOB NOT NULL,    -- JSON of discover.Result
	expires INTEGER NOT NULL  -- Unix seconds
) STRICT, WITHOUT ROWID;
CREATE INDEX found_expires ON found (expires);
`,
	`
CREATE TABLE checked (
	provider TEXT NOT NULL,
	protocol TEXT NOT NULL,
	host     TEXT NOT NULL,
	port     INTEGER NOT NULL,
	security TEXT NOT NULL,
	verdict  TEXT NOT NULL,
	cause    TEXT NOT NULL,
	at       INTEGER NOT NULL, -- Unix seconds
	PRIMARY KEY (provider, protocol, host, port, security)
) STRICT, WITHOUT ROWID;
`,
	`
CREATE TABLE kept (
	name    TEXT PRIMARY KEY,
	value   BLOB NOT NULL,
	expires INTEGER NOT NULL  -- Unix seconds
) STRICT, WITHOUT ROWID;
CREATE INDEX kept_expires ON kept (expires);
`,
	`
CREATE TABLE inbox (
	id       INTEGER PRIMARY KEY,
	platform TEXT NOT NULL,
	tenant   TEXT NOT NULL,
	kind     TEXT NOT NULL,
	payload  BLOB NOT NULL,    -- sealed, see seal.go; the row goes when the event is done
	owner    TEXT NOT NULL,    -- the replica that works on it, or empty
	again    INTEGER NOT NULL, -- attempts before this one
	received INTEGER NOT NULL, -- this and the next, Unix milliseconds by the clock of the database
	due      INTEGER NOT NULL
) STRICT;
CREATE INDEX inbox_due ON inbox (platform, due);

CREATE TABLE inbox_key (
	key BLOB PRIMARY KEY, -- hash of platform, tenant and one of an event's names
	at  INTEGER NOT NULL  -- Unix milliseconds
) STRICT, WITHOUT ROWID;
CREATE INDEX inbox_key_at ON inbox_key (at);

CREATE TABLE outbox (
	platform TEXT NOT NULL,
	id       TEXT NOT NULL,
	inbox    INTEGER NOT NULL, -- the event that it is for
	state    INTEGER NOT NULL, -- bot.PostState
	channel  TEXT NOT NULL,
	thread   TEXT NOT NULL,
	message  TEXT NOT NULL,
	alias    TEXT NOT NULL,
	final    INTEGER NOT NULL,
	at       INTEGER NOT NULL, -- Unix milliseconds
	PRIMARY KEY (platform, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_thread ON outbox (platform, channel, thread);
CREATE INDEX outbox_message ON outbox (platform, channel, message);
CREATE INDEX outbox_at ON outbox (at);

CREATE TABLE replica (
	id   TEXT PRIMARY KEY,
	beat INTEGER NOT NULL -- Unix milliseconds by the clock of the database
) STRICT, WITHOUT ROWID;
`,
	`
CREATE TABLE setting (
	platform TEXT NOT NULL,
	tenant   TEXT NOT NULL,
	scope    TEXT NOT NULL, -- tenant, channel, person
	owner    TEXT NOT NULL,
	name     TEXT NOT NULL,
	value    TEXT NOT NULL,
	author   TEXT NOT NULL, -- who set it
	at       INTEGER NOT NULL,
	PRIMARY KEY (platform, tenant, scope, owner, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE question (
	platform TEXT NOT NULL,
	tenant   TEXT NOT NULL,
	channel  TEXT NOT NULL,
	message  TEXT NOT NULL,
	thread   TEXT NOT NULL,
	person   TEXT NOT NULL,
	topic    TEXT NOT NULL,
	state    TEXT NOT NULL,
	ticket   TEXT NOT NULL,
	at       INTEGER NOT NULL,
	PRIMARY KEY (platform, tenant, channel, message)
) STRICT, WITHOUT ROWID;
CREATE INDEX question_at ON question (at);

CREATE TABLE reply (
	platform TEXT NOT NULL,
	tenant   TEXT NOT NULL,
	name     TEXT NOT NULL,
	channel  TEXT NOT NULL,
	thread   TEXT NOT NULL,
	asker    TEXT NOT NULL,
	unasked  INTEGER NOT NULL, -- 0 or 1
	topic    TEXT NOT NULL,
	provider TEXT NOT NULL,
	at       INTEGER NOT NULL,
	PRIMARY KEY (platform, tenant, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX reply_at ON reply (at);

CREATE TABLE feedback (
	platform TEXT NOT NULL,
	tenant   TEXT NOT NULL,
	reply    TEXT NOT NULL,
	person   TEXT NOT NULL,
	verdict  TEXT NOT NULL,
	reason   TEXT NOT NULL,
	at       INTEGER NOT NULL,
	PRIMARY KEY (platform, tenant, reply, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX feedback_at ON feedback (at);

CREATE TABLE quiet (
	platform TEXT NOT NULL,
	tenant   TEXT NOT NULL,
	channel  TEXT NOT NULL,
	thread   TEXT NOT NULL,
	reason   TEXT NOT NULL,
	active   INTEGER NOT NULL, -- 0 or 1
	at       INTEGER NOT NULL,
	PRIMARY KEY (platform, tenant, channel, thread, reason)
) STRICT, WITHOUT ROWID;
CREATE INDEX quiet_at ON quiet (at);

CREATE TABLE tally (
	platform TEXT NOT NULL,
	tenant   TEXT NOT NULL,
	channel  TEXT NOT NULL,
	day      INTEGER NOT NULL, -- days since 1970-01-01 UTC
	kind     TEXT NOT NULL,
	label    TEXT NOT NULL,
	n        INTEGER NOT NULL,
	PRIMARY KEY (platform, tenant, channel, day, kind, label)
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
	platform TEXT NOT NULL,
	tenant   TEXT NOT NULL,
	channel  TEXT NOT NULL,
	thread   TEXT NOT NULL,
	target   TEXT NOT NULL,
	verdict  TEXT NOT NULL,
	cause    TEXT NOT NULL,
	at       INTEGER NOT NULL,
	PRIMARY KEY (platform, tenant, channel, thread, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_at ON run (at);
`,
	`
DROP INDEX outbox_thread;
DROP INDEX outbox_message;
CREATE INDEX outbox_place ON outbox (channel, thread);
CREATE INDEX outbox_message ON outbox (channel, message);
`,
	`
CREATE TABLE lease (
	name  TEXT PRIMARY KEY,
	owner TEXT NOT NULL -- a replica
) STRICT, WITHOUT ROWID;
`,
	`
ALTER TABLE lease RENAME COLUMN owner TO replica;
`,
	`
ALTER TABLE conversation ADD COLUMN tries INTEGER NOT NULL DEFAULT 0; -- how often what was advised has not helped
`,
	`
ALTER TABLE outbox ADD COLUMN again INTEGER NOT NULL DEFAULT 0; -- of the event: which attempt at it announced the post
`,
	`
CREATE TABLE link (
	key      TEXT PRIMARY KEY, -- hash of the token, which is kept nowhere
	kind     TEXT NOT NULL,
	platform TEXT NOT NULL,
	tenant   TEXT NOT NULL,
	person   TEXT NOT NULL,    -- who asked for it
	value    BLOB NOT NULL,    -- sealed under the token
	mistakes INTEGER NOT NULL,
	at       INTEGER NOT NULL,
	until    INTEGER NOT NULL  -- Unix milliseconds
) STRICT;
CREATE INDEX link_until ON link (until);
`,
	`
DROP TABLE lease;
CREATE TABLE agreed (
	name  TEXT PRIMARY KEY,
	value BLOB NOT NULL -- what processes have agreed on, see Store.Agree
) STRICT, WITHOUT ROWID;
`,
	`
CREATE TABLE quota (
	key   BLOB PRIMARY KEY, -- keyed hash of who or what is limited
	value BLOB NOT NULL,    -- JSON of quota
	until INTEGER NOT NULL  -- Unix milliseconds by the clock of the database
) STRICT, WITHOUT ROWID;
CREATE INDEX quota_until ON quota (until);
`,
}

// newer is the refusal of a schema that this program does not know.
func newer(version int) error {
	return fmt.Errorf("%w (schema %d, this program knows %d)", ErrNewer, version, len(migrations))
}
