-- since 2

-- Groups, roles, managed policies, identity providers and sessions. A program
-- of before would let pass what a boundary or a group's Deny forbids.

-- trust is the assume-role policy of a role, max_session_s how long its
-- sessions may live, boundary the ARN of the permissions boundary, used_ms and
-- used_region when and where a role last did something.
ALTER TABLE entities ADD COLUMN trust         TEXT NOT NULL DEFAULT '';
ALTER TABLE entities ADD COLUMN description   TEXT NOT NULL DEFAULT '';
ALTER TABLE entities ADD COLUMN max_session_s INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entities ADD COLUMN boundary      TEXT NOT NULL DEFAULT '';
ALTER TABLE entities ADD COLUMN used_ms       INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entities ADD COLUMN used_region   TEXT NOT NULL DEFAULT '';

CREATE TABLE group_members (
	member    TEXT NOT NULL REFERENCES entities (id),
	of        TEXT NOT NULL REFERENCES entities (id),
	joined_ms INTEGER NOT NULL,
	PRIMARY KEY (member, of)
) STRICT;
CREATE INDEX group_members_of ON group_members (of);

-- Managed policies of accounts. AWS's are in the program.
CREATE TABLE policies (
	id              TEXT PRIMARY KEY,
	account         TEXT NOT NULL REFERENCES accounts (id),
	name            TEXT NOT NULL,
	name_fold       TEXT NOT NULL,
	path            TEXT NOT NULL,
	arn             TEXT NOT NULL UNIQUE,
	description     TEXT NOT NULL,
	default_version INTEGER NOT NULL,
	newest_version  INTEGER NOT NULL,
	created_ms      INTEGER NOT NULL,
	updated_ms      INTEGER NOT NULL,
	UNIQUE (account, name_fold)
) STRICT;

CREATE TABLE policy_versions (
	policy     TEXT NOT NULL REFERENCES policies (id) ON DELETE CASCADE,
	version    INTEGER NOT NULL,
	document   TEXT NOT NULL,
	created_ms INTEGER NOT NULL,
	PRIMARY KEY (policy, version)
) STRICT;

CREATE TABLE policy_tags (
	policy TEXT NOT NULL REFERENCES policies (id) ON DELETE CASCADE,
	key    TEXT NOT NULL,
	value  TEXT NOT NULL,
	PRIMARY KEY (policy, key)
) STRICT;

CREATE INDEX attached_policies_arn ON attached_policies (arn, entity);
CREATE INDEX entities_boundary ON entities (boundary, id);

-- OpenID Connect providers. client_ids and thumbprints are JSON lists.
CREATE TABLE oidc_providers (
	arn         TEXT PRIMARY KEY,
	account     TEXT NOT NULL REFERENCES accounts (id),
	url         TEXT NOT NULL,
	client_ids  TEXT NOT NULL,
	thumbprints TEXT NOT NULL,
	created_ms  INTEGER NOT NULL
) STRICT;
CREATE INDEX oidc_providers_account ON oidc_providers (account, arn);

CREATE TABLE oidc_provider_tags (
	provider TEXT NOT NULL REFERENCES oidc_providers (arn) ON DELETE CASCADE,
	key      TEXT NOT NULL,
	value    TEXT NOT NULL,
	PRIMARY KEY (provider, key)
) STRICT;

CREATE TABLE account_aliases (
	account    TEXT PRIMARY KEY REFERENCES accounts (id),
	alias      TEXT NOT NULL UNIQUE
) STRICT;

-- What narrows or describes sessions: policies, tags, source identity. The id
-- is the hash of the document, so equal ones share a row.
CREATE TABLE session_contexts (
	id       BLOB PRIMARY KEY,
	account  TEXT NOT NULL REFERENCES accounts (id),
	document BLOB NOT NULL,
	until_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX session_contexts_until ON session_contexts (until_ms);

-- Tokens revoked one by one, or all that an access key asked for by a moment;
-- kept until they would have expired.
CREATE TABLE revoked_tokens (
	id       TEXT PRIMARY KEY, -- in hexadecimal
	account  TEXT NOT NULL,
	until_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE revoked_key_tokens (
	access_key TEXT PRIMARY KEY,
	account    TEXT NOT NULL,
	by_ms      INTEGER NOT NULL,
	until_ms   INTEGER NOT NULL
) STRICT;

-- Which nodes serve, and the epoch that each has seen.
CREATE TABLE nodes (
	id      TEXT PRIMARY KEY,
	epoch   INTEGER NOT NULL,
	seen_ms INTEGER NOT NULL
) STRICT;
