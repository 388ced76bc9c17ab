-- since 1

-- Identity. Unique IDs decide; names are unique without regard to case.

CREATE TABLE epoch (
	id    BIGINT PRIMARY KEY CHECK (id = 1),
	e     BIGINT NOT NULL,
	nonce TEXT COLLATE "C" NOT NULL
);

CREATE TABLE accounts (
	id         TEXT COLLATE "C" PRIMARY KEY,
	created_ms BIGINT NOT NULL
);

CREATE TABLE entities (
	id         TEXT COLLATE "C" PRIMARY KEY,
	account    TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
	kind       TEXT COLLATE "C" NOT NULL,
	name       TEXT COLLATE "C" NOT NULL,
	name_fold  TEXT COLLATE "C" NOT NULL,
	path       TEXT COLLATE "C" NOT NULL,
	created_ms BIGINT NOT NULL,
	UNIQUE (account, kind, name_fold)
);

CREATE TABLE entity_tags (
	entity TEXT COLLATE "C" NOT NULL REFERENCES entities (id) ON DELETE CASCADE,
	key    TEXT COLLATE "C" NOT NULL,
	value  TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (entity, key)
);

CREATE TABLE inline_policies (
	entity   TEXT COLLATE "C" NOT NULL REFERENCES entities (id),
	name     TEXT COLLATE "C" NOT NULL,
	document TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (entity, name)
);

CREATE TABLE attached_policies (
	entity TEXT COLLATE "C" NOT NULL REFERENCES entities (id),
	arn    TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (entity, arn)
);

-- owner is a user's unique ID, or the account's number for root's keys.
CREATE TABLE access_keys (
	id           TEXT COLLATE "C" PRIMARY KEY,
	account      TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
	owner        TEXT COLLATE "C" NOT NULL,
	secret       BYTEA NOT NULL,
	status       TEXT COLLATE "C" NOT NULL,
	created_ms   BIGINT NOT NULL,
	used_ms      BIGINT NOT NULL DEFAULT 0,
	used_service TEXT COLLATE "C" NOT NULL DEFAULT '',
	used_region  TEXT COLLATE "C" NOT NULL DEFAULT ''
);
CREATE INDEX access_keys_owner ON access_keys (owner);

-- Domains and repositories, with the policies and tags that decide about them.

CREATE TABLE domains (
	id              BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	uid             BIGINT NOT NULL UNIQUE,
	owner           TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
	name            TEXT COLLATE "C" NOT NULL,
	created_ms      BIGINT NOT NULL,
	encryption_key  TEXT COLLATE "C" NOT NULL,
	asset_bytes     BIGINT NOT NULL DEFAULT 0,
	policy          TEXT COLLATE "C" NOT NULL DEFAULT '',
	policy_revision TEXT COLLATE "C" NOT NULL DEFAULT '',
	UNIQUE (owner, name)
);

CREATE TABLE domain_tags (
	domain BIGINT NOT NULL REFERENCES domains (id) ON DELETE CASCADE,
	key    TEXT COLLATE "C" NOT NULL,
	value  TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (domain, key)
);

CREATE TABLE repositories (
	id              BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	domain          BIGINT NOT NULL REFERENCES domains (id),
	name            TEXT COLLATE "C" NOT NULL,
	administrator   TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
	description     TEXT COLLATE "C" NOT NULL,
	created_ms      BIGINT NOT NULL,
	policy          TEXT COLLATE "C" NOT NULL DEFAULT '',
	policy_revision TEXT COLLATE "C" NOT NULL DEFAULT '',
	UNIQUE (domain, name)
);
CREATE INDEX repositories_administrator ON repositories (administrator, name);

CREATE TABLE repository_tags (
	repository BIGINT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
	key        TEXT COLLATE "C" NOT NULL,
	value      TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (repository, key)
);

-- Bytes. An asset's foreign key to its blob is what keeps the blob.

CREATE TABLE blobs (
	id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	digest     BYTEA NOT NULL UNIQUE,
	size       BIGINT NOT NULL,
	md5        BYTEA NOT NULL,
	sha1       BYTEA NOT NULL,
	sha512     BYTEA NOT NULL,
	placed     BIGINT NOT NULL,
	touched_ms BIGINT NOT NULL
);
CREATE INDEX blobs_touched ON blobs (touched_ms);

CREATE TABLE graves (
	id       BIGINT PRIMARY KEY,
	digest   BYTEA NOT NULL,
	since_ms BIGINT NOT NULL
);
CREATE INDEX graves_since ON graves (since_ms);

-- Packages. seq moves in every transaction that changes a package.

CREATE TABLE packages (
	id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	repository BIGINT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
	format     TEXT COLLATE "C" NOT NULL,
	namespace  TEXT COLLATE "C" NOT NULL,
	name       TEXT COLLATE "C" NOT NULL,
	created_ms BIGINT NOT NULL,
	seq        BIGINT NOT NULL,
	publish    TEXT COLLATE "C" NOT NULL,
	upstream   TEXT COLLATE "C" NOT NULL,
	UNIQUE (repository, format, namespace, name)
);

CREATE TABLE package_tags (
	package BIGINT NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
	tag     TEXT COLLATE "C" NOT NULL,
	version TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (package, tag)
);

CREATE TABLE versions (
	id                BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	package           BIGINT NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
	version           TEXT COLLATE "C" NOT NULL,
	revision          TEXT COLLATE "C" NOT NULL,
	status            TEXT COLLATE "C" NOT NULL,
	published_ms      BIGINT NOT NULL,
	origin_repository TEXT COLLATE "C" NOT NULL,
	manifest          BYTEA NOT NULL,
	notes             BYTEA NOT NULL,
	UNIQUE (package, version)
);
CREATE INDEX versions_published ON versions (package, published_ms, version);

-- What a version says about itself that no index shows.
CREATE TABLE version_facts (
	version BIGINT PRIMARY KEY REFERENCES versions (id) ON DELETE CASCADE,
	facts   BYTEA NOT NULL,
	readme  BYTEA NOT NULL
);

CREATE TABLE assets (
	id        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	version   BIGINT NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
	name      TEXT COLLATE "C" NOT NULL,
	blob      BIGINT NOT NULL REFERENCES blobs (id),
	added_ms  BIGINT NOT NULL,
	companion BIGINT NOT NULL, -- served, never listed
	manifest  BYTEA NOT NULL,
	UNIQUE (version, name)
);
CREATE INDEX assets_blob ON assets (blob);

-- Leases of jobs, so that any number of nodes may run them.
CREATE TABLE jobs (
	name     TEXT COLLATE "C" PRIMARY KEY,
	holder   TEXT COLLATE "C" NOT NULL,
	until_ms BIGINT NOT NULL
);
