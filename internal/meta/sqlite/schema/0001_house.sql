-- since 1

-- Identity. Unique IDs decide; names are unique without regard to case.

CREATE TABLE epoch (
	id    INTEGER PRIMARY KEY CHECK (id = 1),
	e     INTEGER NOT NULL,
	nonce TEXT NOT NULL
) STRICT;

CREATE TABLE accounts (
	id         TEXT PRIMARY KEY,
	created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE entities (
	id         TEXT PRIMARY KEY,
	account    TEXT NOT NULL REFERENCES accounts (id),
	kind       TEXT NOT NULL,
	name       TEXT NOT NULL,
	name_fold  TEXT NOT NULL,
	path       TEXT NOT NULL,
	created_ms INTEGER NOT NULL,
	UNIQUE (account, kind, name_fold)
) STRICT;

CREATE TABLE entity_tags (
	entity TEXT NOT NULL REFERENCES entities (id) ON DELETE CASCADE,
	key    TEXT NOT NULL,
	value  TEXT NOT NULL,
	PRIMARY KEY (entity, key)
) STRICT;

CREATE TABLE inline_policies (
	entity   TEXT NOT NULL REFERENCES entities (id),
	name     TEXT NOT NULL,
	document TEXT NOT NULL,
	PRIMARY KEY (entity, name)
) STRICT;

CREATE TABLE attached_policies (
	entity TEXT NOT NULL REFERENCES entities (id),
	arn    TEXT NOT NULL,
	PRIMARY KEY (entity, arn)
) STRICT;

-- owner is a user's unique ID, or the account's number for root's keys.
CREATE TABLE access_keys (
	id           TEXT PRIMARY KEY,
	account      TEXT NOT NULL REFERENCES accounts (id),
	owner        TEXT NOT NULL,
	secret       BLOB NOT NULL,
	status       TEXT NOT NULL,
	created_ms   INTEGER NOT NULL,
	used_ms      INTEGER NOT NULL DEFAULT 0,
	used_service TEXT NOT NULL DEFAULT '',
	used_region  TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX access_keys_owner ON access_keys (owner);

-- Domains and repositories, with the policies and tags that decide about them.

CREATE TABLE domains (
	id              INTEGER PRIMARY KEY AUTOINCREMENT,
	uid             INTEGER NOT NULL UNIQUE,
	owner           TEXT NOT NULL REFERENCES accounts (id),
	name            TEXT NOT NULL,
	created_ms      INTEGER NOT NULL,
	encryption_key  TEXT NOT NULL,
	asset_bytes     INTEGER NOT NULL DEFAULT 0,
	policy          TEXT NOT NULL DEFAULT '',
	policy_revision TEXT NOT NULL DEFAULT '',
	UNIQUE (owner, name)
) STRICT;

CREATE TABLE domain_tags (
	domain INTEGER NOT NULL REFERENCES domains (id) ON DELETE CASCADE,
	key    TEXT NOT NULL,
	value  TEXT NOT NULL,
	PRIMARY KEY (domain, key)
) STRICT;

CREATE TABLE repositories (
	id              INTEGER PRIMARY KEY AUTOINCREMENT,
	domain          INTEGER NOT NULL REFERENCES domains (id),
	name            TEXT NOT NULL,
	administrator   TEXT NOT NULL REFERENCES accounts (id),
	description     TEXT NOT NULL,
	created_ms      INTEGER NOT NULL,
	policy          TEXT NOT NULL DEFAULT '',
	policy_revision TEXT NOT NULL DEFAULT '',
	UNIQUE (domain, name)
) STRICT;
CREATE INDEX repositories_administrator ON repositories (administrator, name);

CREATE TABLE repository_tags (
	repository INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
	key        TEXT NOT NULL,
	value      TEXT NOT NULL,
	PRIMARY KEY (repository, key)
) STRICT;

-- Bytes. An asset's foreign key to its blob is what keeps the blob.

CREATE TABLE blobs (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	digest     BLOB NOT NULL UNIQUE,
	size       INTEGER NOT NULL,
	md5        BLOB NOT NULL,
	sha1       BLOB NOT NULL,
	sha512     BLOB NOT NULL,
	placed     INTEGER NOT NULL,
	touched_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX blobs_touched ON blobs (touched_ms);

CREATE TABLE graves (
	id       INTEGER PRIMARY KEY,
	digest   BLOB NOT NULL,
	since_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX graves_since ON graves (since_ms);

-- Packages. seq moves in every transaction that changes a package.

CREATE TABLE packages (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	repository INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
	format     TEXT NOT NULL,
	namespace  TEXT NOT NULL,
	name       TEXT NOT NULL,
	created_ms INTEGER NOT NULL,
	seq        INTEGER NOT NULL,
	publish    TEXT NOT NULL,
	upstream   TEXT NOT NULL,
	UNIQUE (repository, format, namespace, name)
) STRICT;

CREATE TABLE package_tags (
	package INTEGER NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
	tag     TEXT NOT NULL,
	version TEXT NOT NULL,
	PRIMARY KEY (package, tag)
) STRICT;

CREATE TABLE versions (
	id                INTEGER PRIMARY KEY AUTOINCREMENT,
	package           INTEGER NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
	version           TEXT NOT NULL,
	revision          TEXT NOT NULL,
	status            TEXT NOT NULL,
	published_ms      INTEGER NOT NULL,
	origin_repository TEXT NOT NULL,
	manifest          BLOB NOT NULL,
	notes             BLOB NOT NULL,
	UNIQUE (package, version)
) STRICT;
CREATE INDEX versions_published ON versions (package, published_ms, version);

-- What a version says about itself that no index shows.
CREATE TABLE version_facts (
	version INTEGER PRIMARY KEY REFERENCES versions (id) ON DELETE CASCADE,
	facts   BLOB NOT NULL,
	readme  BLOB NOT NULL
) STRICT;

CREATE TABLE assets (
	id        INTEGER PRIMARY KEY AUTOINCREMENT,
	version   INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
	name      TEXT NOT NULL,
	blob      INTEGER NOT NULL REFERENCES blobs (id),
	added_ms  INTEGER NOT NULL,
	companion INTEGER NOT NULL, -- served, never listed
	manifest  BLOB NOT NULL,
	UNIQUE (version, name)
) STRICT;
CREATE INDEX assets_blob ON assets (blob);

-- Leases of jobs, so that any number of nodes may run them.
CREATE TABLE jobs (
	name     TEXT PRIMARY KEY,
	holder   TEXT NOT NULL,
	until_ms INTEGER NOT NULL
) STRICT;
