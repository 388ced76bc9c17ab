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
	id       TEXT COLLATE "C" NOT NULL, -- in hexadecimal
	account  TEXT COLLATE "C" NOT NULL,
	until_ms BIGINT NOT NULL,
	PRIMARY KEY (id, account)
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

-- What changed of all that decides who may do what, under the epoch that it
-- makes, so that a node reads that alone. An epoch itself is noted with its
-- nonce. Triggers do it: nothing that decides changes unnoticed.
CREATE TABLE changes (
	epoch BIGINT NOT NULL,
	kind  TEXT COLLATE "C" NOT NULL,
	id    TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (epoch, kind, id)
);

-- Its arguments are the kind of what changed and the column that names it.
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	thing JSONB;
BEGIN
	IF TG_OP = 'DELETE' THEN
		thing := to_jsonb(OLD);
	ELSE
		thing := to_jsonb(NEW);
	END IF;
	INSERT INTO changes (epoch, kind, id) SELECT COALESCE(MAX(e), 0) + 1, TG_ARGV[0], thing ->> TG_ARGV[1] FROM epoch
	ON CONFLICT DO NOTHING;
	RETURN NULL;
END $$;

CREATE TRIGGER note AFTER INSERT OR DELETE ON accounts
	FOR EACH ROW EXECUTE FUNCTION note('account', 'id');
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE OF name, path, trust, boundary ON entities
	FOR EACH ROW EXECUTE FUNCTION note('holder', 'id');
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE ON entity_tags
	FOR EACH ROW EXECUTE FUNCTION note('holder', 'entity');
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE ON inline_policies
	FOR EACH ROW EXECUTE FUNCTION note('holder', 'entity');
CREATE TRIGGER note AFTER INSERT OR DELETE ON attached_policies
	FOR EACH ROW EXECUTE FUNCTION note('holder', 'entity');
CREATE TRIGGER note AFTER INSERT OR DELETE ON group_members
	FOR EACH ROW EXECUTE FUNCTION note('holder', 'member');
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE OF owner, secret, status ON access_keys
	FOR EACH ROW EXECUTE FUNCTION note('key', 'id');
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE OF arn, default_version ON policies
	FOR EACH ROW EXECUTE FUNCTION note('policy', 'id');
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE ON policy_versions
	FOR EACH ROW EXECUTE FUNCTION note('policy', 'policy');
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE ON policy_tags
	FOR EACH ROW EXECUTE FUNCTION note('policy', 'policy');
CREATE TRIGGER note AFTER INSERT OR DELETE ON oidc_providers
	FOR EACH ROW EXECUTE FUNCTION note('provider', 'arn');
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE ON oidc_provider_tags
	FOR EACH ROW EXECUTE FUNCTION note('provider', 'provider');
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE OF policy ON domains
	FOR EACH ROW EXECUTE FUNCTION note('domain', 'id');
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE ON domain_tags
	FOR EACH ROW EXECUTE FUNCTION note('domain', 'domain');
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE OF administrator, policy ON repositories
	FOR EACH ROW EXECUTE FUNCTION note('repository', 'id');
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE ON repository_tags
	FOR EACH ROW EXECUTE FUNCTION note('repository', 'repository');
CREATE TRIGGER note AFTER INSERT OR DELETE ON revoked_tokens
	FOR EACH ROW EXECUTE FUNCTION note('token', 'id');
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE ON revoked_key_tokens
	FOR EACH ROW EXECUTE FUNCTION note('tokens of a key', 'access_key');

-- Who listens for it hears of a new epoch at once. Only what changes who may
-- do what notifies: it makes commits wait for each other.
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_notify('larder', '');
	RETURN NULL;
END $$;
CREATE TRIGGER tell AFTER INSERT OR UPDATE ON epoch FOR EACH STATEMENT EXECUTE FUNCTION tell();
