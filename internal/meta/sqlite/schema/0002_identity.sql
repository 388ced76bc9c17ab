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
	id       TEXT NOT NULL, -- in hexadecimal
	account  TEXT NOT NULL,
	until_ms INTEGER NOT NULL,
	PRIMARY KEY (id, account)
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

-- What changed of all that decides who may do what, under the epoch that it
-- makes, so that a node reads that alone. An epoch itself is noted with its
-- nonce. Triggers do it: nothing that decides changes unnoticed.
CREATE TABLE changes (
	epoch INTEGER NOT NULL,
	kind  TEXT NOT NULL,
	id    TEXT NOT NULL,
	PRIMARY KEY (epoch, kind, id)
) STRICT, WITHOUT ROWID;

CREATE VIEW note AS SELECT '' AS kind, '' AS id;
CREATE TRIGGER note INSTEAD OF INSERT ON note BEGIN
	INSERT INTO changes (epoch, kind, id) SELECT COALESCE(MAX(e), 0) + 1, NEW.kind, NEW.id FROM epoch WHERE true
	ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER accounts_insert AFTER INSERT ON accounts BEGIN INSERT INTO note VALUES ('account', NEW.id); END;
CREATE TRIGGER accounts_delete AFTER DELETE ON accounts BEGIN INSERT INTO note VALUES ('account', OLD.id); END;
CREATE TRIGGER entities_insert AFTER INSERT ON entities BEGIN INSERT INTO note VALUES ('holder', NEW.id); END;
CREATE TRIGGER entities_update AFTER UPDATE OF name, path, trust, boundary ON entities BEGIN INSERT INTO note VALUES ('holder', NEW.id); END;
CREATE TRIGGER entities_delete AFTER DELETE ON entities BEGIN INSERT INTO note VALUES ('holder', OLD.id); END;
CREATE TRIGGER entity_tags_insert AFTER INSERT ON entity_tags BEGIN INSERT INTO note VALUES ('holder', NEW.entity); END;
CREATE TRIGGER entity_tags_update AFTER UPDATE ON entity_tags BEGIN INSERT INTO note VALUES ('holder', NEW.entity); END;
CREATE TRIGGER entity_tags_delete AFTER DELETE ON entity_tags BEGIN INSERT INTO note VALUES ('holder', OLD.entity); END;
CREATE TRIGGER inline_policies_insert AFTER INSERT ON inline_policies BEGIN INSERT INTO note VALUES ('holder', NEW.entity); END;
CREATE TRIGGER inline_policies_update AFTER UPDATE ON inline_policies BEGIN INSERT INTO note VALUES ('holder', NEW.entity); END;
CREATE TRIGGER inline_policies_delete AFTER DELETE ON inline_policies BEGIN INSERT INTO note VALUES ('holder', OLD.entity); END;
CREATE TRIGGER attached_policies_insert AFTER INSERT ON attached_policies BEGIN INSERT INTO note VALUES ('holder', NEW.entity); END;
CREATE TRIGGER attached_policies_delete AFTER DELETE ON attached_policies BEGIN INSERT INTO note VALUES ('holder', OLD.entity); END;
CREATE TRIGGER group_members_insert AFTER INSERT ON group_members BEGIN INSERT INTO note VALUES ('holder', NEW.member); END;
CREATE TRIGGER group_members_delete AFTER DELETE ON group_members BEGIN INSERT INTO note VALUES ('holder', OLD.member); END;
CREATE TRIGGER access_keys_insert AFTER INSERT ON access_keys BEGIN INSERT INTO note VALUES ('key', NEW.id); END;
CREATE TRIGGER access_keys_update AFTER UPDATE OF owner, secret, status ON access_keys BEGIN INSERT INTO note VALUES ('key', NEW.id); END;
CREATE TRIGGER access_keys_delete AFTER DELETE ON access_keys BEGIN INSERT INTO note VALUES ('key', OLD.id); END;
CREATE TRIGGER policies_insert AFTER INSERT ON policies BEGIN INSERT INTO note VALUES ('policy', NEW.id); END;
CREATE TRIGGER policies_update AFTER UPDATE OF arn, default_version ON policies BEGIN INSERT INTO note VALUES ('policy', NEW.id); END;
CREATE TRIGGER policies_delete AFTER DELETE ON policies BEGIN INSERT INTO note VALUES ('policy', OLD.id); END;
CREATE TRIGGER policy_versions_insert AFTER INSERT ON policy_versions BEGIN INSERT INTO note VALUES ('policy', NEW.policy); END;
CREATE TRIGGER policy_versions_update AFTER UPDATE ON policy_versions BEGIN INSERT INTO note VALUES ('policy', NEW.policy); END;
CREATE TRIGGER policy_versions_delete AFTER DELETE ON policy_versions BEGIN INSERT INTO note VALUES ('policy', OLD.policy); END;
CREATE TRIGGER policy_tags_insert AFTER INSERT ON policy_tags BEGIN INSERT INTO note VALUES ('policy', NEW.policy); END;
CREATE TRIGGER policy_tags_update AFTER UPDATE ON policy_tags BEGIN INSERT INTO note VALUES ('policy', NEW.policy); END;
CREATE TRIGGER policy_tags_delete AFTER DELETE ON policy_tags BEGIN INSERT INTO note VALUES ('policy', OLD.policy); END;
CREATE TRIGGER oidc_providers_insert AFTER INSERT ON oidc_providers BEGIN INSERT INTO note VALUES ('provider', NEW.arn); END;
CREATE TRIGGER oidc_providers_delete AFTER DELETE ON oidc_providers BEGIN INSERT INTO note VALUES ('provider', OLD.arn); END;
CREATE TRIGGER oidc_provider_tags_insert AFTER INSERT ON oidc_provider_tags BEGIN INSERT INTO note VALUES ('provider', NEW.provider); END;
CREATE TRIGGER oidc_provider_tags_update AFTER UPDATE ON oidc_provider_tags BEGIN INSERT INTO note VALUES ('provider', NEW.provider); END;
CREATE TRIGGER oidc_provider_tags_delete AFTER DELETE ON oidc_provider_tags BEGIN INSERT INTO note VALUES ('provider', OLD.provider); END;
CREATE TRIGGER domains_insert AFTER INSERT ON domains BEGIN INSERT INTO note VALUES ('domain', CAST(NEW.id AS TEXT)); END;
CREATE TRIGGER domains_update AFTER UPDATE OF policy ON domains BEGIN INSERT INTO note VALUES ('domain', CAST(NEW.id AS TEXT)); END;
CREATE TRIGGER domains_delete AFTER DELETE ON domains BEGIN INSERT INTO note VALUES ('domain', CAST(OLD.id AS TEXT)); END;
CREATE TRIGGER domain_tags_insert AFTER INSERT ON domain_tags BEGIN INSERT INTO note VALUES ('domain', CAST(NEW.domain AS TEXT)); END;
CREATE TRIGGER domain_tags_update AFTER UPDATE ON domain_tags BEGIN INSERT INTO note VALUES ('domain', CAST(NEW.domain AS TEXT)); END;
CREATE TRIGGER domain_tags_delete AFTER DELETE ON domain_tags BEGIN INSERT INTO note VALUES ('domain', CAST(OLD.domain AS TEXT)); END;
CREATE TRIGGER repositories_insert AFTER INSERT ON repositories BEGIN INSERT INTO note VALUES ('repository', CAST(NEW.id AS TEXT)); END;
CREATE TRIGGER repositories_update AFTER UPDATE OF administrator, policy ON repositories BEGIN INSERT INTO note VALUES ('repository', CAST(NEW.id AS TEXT)); END;
CREATE TRIGGER repositories_delete AFTER DELETE ON repositories BEGIN INSERT INTO note VALUES ('repository', CAST(OLD.id AS TEXT)); END;
CREATE TRIGGER repository_tags_insert AFTER INSERT ON repository_tags BEGIN INSERT INTO note VALUES ('repository', CAST(NEW.repository AS TEXT)); END;
CREATE TRIGGER repository_tags_update AFTER UPDATE ON repository_tags BEGIN INSERT INTO note VALUES ('repository', CAST(NEW.repository AS TEXT)); END;
CREATE TRIGGER repository_tags_delete AFTER DELETE ON repository_tags BEGIN INSERT INTO note VALUES ('repository', CAST(OLD.repository AS TEXT)); END;
CREATE TRIGGER revoked_tokens_insert AFTER INSERT ON revoked_tokens BEGIN INSERT INTO note VALUES ('token', NEW.id); END;
CREATE TRIGGER revoked_tokens_delete AFTER DELETE ON revoked_tokens BEGIN INSERT INTO note VALUES ('token', OLD.id); END;
CREATE TRIGGER revoked_key_tokens_insert AFTER INSERT ON revoked_key_tokens BEGIN INSERT INTO note VALUES ('tokens of a key', NEW.access_key); END;
CREATE TRIGGER revoked_key_tokens_update AFTER UPDATE ON revoked_key_tokens BEGIN INSERT INTO note VALUES ('tokens of a key', NEW.access_key); END;
CREATE TRIGGER revoked_key_tokens_delete AFTER DELETE ON revoked_key_tokens BEGIN INSERT INTO note VALUES ('tokens of a key', OLD.access_key); END;
