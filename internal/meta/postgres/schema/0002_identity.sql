-- since 2

-- Groups, roles, managed policies, identity providers and sessions. A program
-- of before would let pass what a boundary or a group's Deny forbids.

-- trust is the assume-role policy of a role, max_session_s how long its
-- sessions may live, boundary the ARN of the permissions boundary, used_ms and
-- used_region when and where a role last did something.
ALTER TABLE entities ADD COLUMN trust         TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE entities ADD COLUMN description   TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE entities ADD COLUMN max_session_s BIGINT NOT NULL DEFAULT 0;
ALTER TABLE entities ADD COLUMN boundary      TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE entities ADD COLUMN used_ms       BIGINT NOT NULL DEFAULT 0;
ALTER TABLE entities ADD COLUMN used_region   TEXT COLLATE "C" NOT NULL DEFAULT '';

CREATE TABLE group_members (
	member    TEXT COLLATE "C" NOT NULL REFERENCES entities (id),
	of        TEXT COLLATE "C" NOT NULL REFERENCES entities (id),
	joined_ms BIGINT NOT NULL,
	PRIMARY KEY (member, of)
);
CREATE INDEX group_members_of ON group_members (of);

-- Managed policies of accounts. AWS's are in the program.
CREATE TABLE policies (
	id              TEXT COLLATE "C" PRIMARY KEY,
	account         TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
	name            TEXT COLLATE "C" NOT NULL,
	name_fold       TEXT COLLATE "C" NOT NULL,
	path            TEXT COLLATE "C" NOT NULL,
	arn             TEXT COLLATE "C" NOT NULL UNIQUE,
	description     TEXT COLLATE "C" NOT NULL,
	default_version BIGINT NOT NULL,
	newest_version  BIGINT NOT NULL,
	created_ms      BIGINT NOT NULL,
	updated_ms      BIGINT NOT NULL,
	UNIQUE (account, name_fold)
);

CREATE TABLE policy_versions (
	policy     TEXT COLLATE "C" NOT NULL REFERENCES policies (id) ON DELETE CASCADE,
	version    BIGINT NOT NULL,
	document   TEXT COLLATE "C" NOT NULL,
	created_ms BIGINT NOT NULL,
	PRIMARY KEY (policy, version)
);

CREATE TABLE policy_tags (
	policy TEXT COLLATE "C" NOT NULL REFERENCES policies (id) ON DELETE CASCADE,
	key    TEXT COLLATE "C" NOT NULL,
	value  TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (policy, key)
);

CREATE INDEX attached_policies_arn ON attached_policies (arn, entity);
CREATE INDEX entities_boundary ON entities (boundary, id);

-- OpenID Connect providers. client_ids and thumbprints are JSON lists.
CREATE TABLE oidc_providers (
	arn         TEXT COLLATE "C" PRIMARY KEY,
	account     TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
	url         TEXT COLLATE "C" NOT NULL,
	client_ids  TEXT COLLATE "C" NOT NULL,
	thumbprints TEXT COLLATE "C" NOT NULL,
	created_ms  BIGINT NOT NULL
);
CREATE INDEX oidc_providers_account ON oidc_providers (account, arn);

CREATE TABLE oidc_provider_tags (
	provider TEXT COLLATE "C" NOT NULL REFERENCES oidc_providers (arn) ON DELETE CASCADE,
	key      TEXT COLLATE "C" NOT NULL,
	value    TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (provider, key)
);

CREATE TABLE account_aliases (
	account    TEXT COLLATE "C" PRIMARY KEY REFERENCES accounts (id),
	alias      TEXT COLLATE "C" NOT NULL UNIQUE
);

-- What narrows or describes sessions: policies, tags, source identity. The id
-- is the hash of the document, so equal ones share a row.
CREATE TABLE session_contexts (
	id       BYTEA PRIMARY KEY,
	account  TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
	document BYTEA NOT NULL,
	until_ms BIGINT NOT NULL
);
CREATE INDEX session_contexts_until ON session_contexts (until_ms);

-- Tokens revoked one by one, or all that an access key asked for by a moment;
-- kept until they would have expired.
CREATE TABLE revoked_tokens (
	id       TEXT COLLATE "C" PRIMARY KEY, -- in hexadecimal
	account  TEXT COLLATE "C" NOT NULL,
	until_ms BIGINT NOT NULL
);

CREATE TABLE revoked_key_tokens (
	access_key TEXT COLLATE "C" PRIMARY KEY,
	account    TEXT COLLATE "C" NOT NULL,
	by_ms      BIGINT NOT NULL,
	until_ms   BIGINT NOT NULL
);

-- Which nodes serve, and the epoch that each has seen.
CREATE TABLE nodes (
	id      TEXT COLLATE "C" PRIMARY KEY,
	epoch   BIGINT NOT NULL,
	seen_ms BIGINT NOT NULL
);
