-- since 6

-- Package groups, which say by which ways versions may enter repositories. A
-- program of before would let in what they keep out.

-- folded is the pattern without its end as packagegroup.Fold has it. The modes
-- are ALLOW, BLOCK, ALLOW_SPECIFIC_REPOSITORIES or INHERIT.
CREATE TABLE package_groups (
	domain            BIGINT NOT NULL REFERENCES domains (id) ON DELETE CASCADE,
	pattern           TEXT COLLATE "C" NOT NULL,
	folded            TEXT COLLATE "C" NOT NULL,
	contact_info      TEXT COLLATE "C" NOT NULL,
	description       TEXT COLLATE "C" NOT NULL,
	created_ms        BIGINT NOT NULL,
	publish           TEXT COLLATE "C" NOT NULL,
	internal_upstream TEXT COLLATE "C" NOT NULL,
	external_upstream TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (domain, pattern)
);

-- Every domain has the group of all packages.
INSERT INTO package_groups (domain, pattern, folded, contact_info, description, created_ms, publish, internal_upstream, external_upstream)
SELECT id, '/*', '/', '', '', created_ms, 'ALLOW', 'ALLOW', 'ALLOW' FROM domains;

-- The repositories that ALLOW_SPECIFIC_REPOSITORIES is about, by restriction:
-- PUBLISH, INTERNAL_UPSTREAM or EXTERNAL_UPSTREAM.
CREATE TABLE package_group_repositories (
	domain      BIGINT NOT NULL,
	pattern     TEXT COLLATE "C" NOT NULL,
	restriction TEXT COLLATE "C" NOT NULL,
	repository  BIGINT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
	PRIMARY KEY (domain, pattern, restriction, repository),
	FOREIGN KEY (domain, pattern) REFERENCES package_groups (domain, pattern) ON DELETE CASCADE
);
CREATE INDEX package_group_repositories_repository ON package_group_repositories (repository);

CREATE TABLE package_group_tags (
	domain  BIGINT NOT NULL,
	pattern TEXT COLLATE "C" NOT NULL,
	key     TEXT COLLATE "C" NOT NULL,
	value   TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (domain, pattern, key),
	FOREIGN KEY (domain, pattern) REFERENCES package_groups (domain, pattern) ON DELETE CASCADE
);
CREATE TRIGGER note AFTER INSERT OR DELETE OR UPDATE ON package_group_tags
	FOR EACH ROW EXECUTE FUNCTION note('domain', 'domain');

-- Other nodes forget what they rendered of a domain whose groups change. With
-- the domain itself nothing is left to forget.
CREATE FUNCTION note_package_groups() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	g BIGINT;
BEGIN
	IF TG_OP = 'DELETE' THEN
		g := OLD.domain;
	ELSE
		g := NEW.domain;
	END IF;
	INSERT INTO package_changes (owner, domain, format, namespace, name)
	SELECT d.owner, d.name, '', '', '' FROM domains d WHERE d.id = g;
	RETURN NULL;
END $$;
CREATE TRIGGER note_package_groups AFTER INSERT OR DELETE OR UPDATE OF publish, internal_upstream, external_upstream ON package_groups
	FOR EACH ROW EXECUTE FUNCTION note_package_groups();
CREATE TRIGGER note_package_groups AFTER INSERT OR DELETE ON package_group_repositories
	FOR EACH ROW EXECUTE FUNCTION note_package_groups();
