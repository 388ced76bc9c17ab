-- since 6

-- Package groups, which say by which ways versions may enter repositories. A
-- program of before would let in what they keep out.

-- folded is the pattern without its end as packagegroup.Fold has it. The modes
-- are ALLOW, BLOCK, ALLOW_SPECIFIC_REPOSITORIES or INHERIT.
CREATE TABLE package_groups (
	domain            INTEGER NOT NULL REFERENCES domains (id) ON DELETE CASCADE,
	pattern           TEXT NOT NULL,
	folded            TEXT NOT NULL,
	contact_info      TEXT NOT NULL,
	description       TEXT NOT NULL,
	created_ms        INTEGER NOT NULL,
	publish           TEXT NOT NULL,
	internal_upstream TEXT NOT NULL,
	external_upstream TEXT NOT NULL,
	PRIMARY KEY (domain, pattern)
) STRICT;

-- Every domain has the group of all packages.
INSERT INTO package_groups (domain, pattern, folded, contact_info, description, created_ms, publish, internal_upstream, external_upstream)
SELECT id, '/*', '/', '', '', created_ms, 'ALLOW', 'ALLOW', 'ALLOW' FROM domains;

-- The repositories that ALLOW_SPECIFIC_REPOSITORIES is about, by restriction:
-- PUBLISH, INTERNAL_UPSTREAM or EXTERNAL_UPSTREAM.
CREATE TABLE package_group_repositories (
	domain      INTEGER NOT NULL,
	pattern     TEXT NOT NULL,
	restriction TEXT NOT NULL,
	repository  INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
	PRIMARY KEY (domain, pattern, restriction, repository),
	FOREIGN KEY (domain, pattern) REFERENCES package_groups (domain, pattern) ON DELETE CASCADE
) STRICT;
CREATE INDEX package_group_repositories_repository ON package_group_repositories (repository);

CREATE TABLE package_group_tags (
	domain  INTEGER NOT NULL,
	pattern TEXT NOT NULL,
	key     TEXT NOT NULL,
	value   TEXT NOT NULL,
	PRIMARY KEY (domain, pattern, key),
	FOREIGN KEY (domain, pattern) REFERENCES package_groups (domain, pattern) ON DELETE CASCADE
) STRICT;
CREATE TRIGGER package_group_tags_insert AFTER INSERT ON package_group_tags BEGIN INSERT INTO note VALUES ('domain', CAST(NEW.domain AS TEXT)); END;
CREATE TRIGGER package_group_tags_update AFTER UPDATE ON package_group_tags BEGIN INSERT INTO note VALUES ('domain', CAST(NEW.domain AS TEXT)); END;
CREATE TRIGGER package_group_tags_delete AFTER DELETE ON package_group_tags BEGIN INSERT INTO note VALUES ('domain', CAST(OLD.domain AS TEXT)); END;
