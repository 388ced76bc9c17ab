-- since 3

-- Where packages come from besides their own repository. A program of before
-- would serve assets that are not here.

-- connection is the external connection of a repository, at most one.
ALTER TABLE repositories ADD COLUMN connection TEXT COLLATE "C" NOT NULL DEFAULT '';

CREATE TABLE upstreams (
	repository BIGINT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
	position   BIGINT NOT NULL,
	upstream   BIGINT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
	PRIMARY KEY (repository, position)
);
CREATE INDEX upstreams_upstream ON upstreams (upstream);

-- origin_connection is the external connection that a version came through
-- first; it has no origin_repository then. retained says that it came to this
-- repository from upstream, because a client fetched it.
ALTER TABLE versions ADD COLUMN origin_connection TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE versions ADD COLUMN retained BIGINT NOT NULL DEFAULT 0;

-- An asset without a blob is known from an upstream and not fetched yet:
-- known is a JSON object of what is known of it, else empty.
ALTER TABLE assets ALTER COLUMN blob DROP NOT NULL;
ALTER TABLE assets ADD COLUMN known TEXT COLLATE "C" NOT NULL DEFAULT '';

-- Which packages changed, or with an empty format which domains, for the other
-- nodes, which keep what they rendered. txid is the transaction's: a row's
-- number would not say in which order rows can be seen. A crash of the
-- database empties the table, and then every node forgets what it kept.
CREATE UNLOGGED TABLE package_changes (
	txid      BIGINT NOT NULL DEFAULT txid_current(),
	owner     TEXT COLLATE "C" NOT NULL,
	domain    TEXT COLLATE "C" NOT NULL,
	format    TEXT COLLATE "C" NOT NULL,
	namespace TEXT COLLATE "C" NOT NULL,
	name      TEXT COLLATE "C" NOT NULL
);
CREATE INDEX package_changes_txid ON package_changes (txid);

CREATE FUNCTION note_package() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	p packages;
BEGIN
	IF TG_OP = 'DELETE' THEN
		p := OLD;
	ELSE
		p := NEW;
	END IF;
	INSERT INTO package_changes (owner, domain, format, namespace, name)
	SELECT d.owner, d.name, p.format, p.namespace, p.name
	  FROM repositories r JOIN domains d ON d.id = r.domain
	 WHERE r.id = p.repository;
	RETURN NULL;
END $$;
CREATE TRIGGER note_package AFTER INSERT OR DELETE OR UPDATE OF seq ON packages
	FOR EACH ROW EXECUTE FUNCTION note_package();

CREATE FUNCTION note_upstreams() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	u upstreams;
BEGIN
	IF TG_OP = 'DELETE' THEN
		u := OLD;
	ELSE
		u := NEW;
	END IF;
	INSERT INTO package_changes (owner, domain, format, namespace, name)
	SELECT d.owner, d.name, '', '', ''
	  FROM repositories r JOIN domains d ON d.id = r.domain
	 WHERE r.id = u.repository;
	RETURN NULL;
END $$;
CREATE TRIGGER note_upstreams AFTER INSERT OR DELETE OR UPDATE ON upstreams
	FOR EACH ROW EXECUTE FUNCTION note_upstreams();

CREATE FUNCTION note_repository() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO package_changes (owner, domain, format, namespace, name)
	SELECT d.owner, d.name, '', '', '' FROM domains d WHERE d.id = OLD.domain;
	RETURN NULL;
END $$;
CREATE TRIGGER note_repository AFTER DELETE OR UPDATE OF connection ON repositories
	FOR EACH ROW EXECUTE FUNCTION note_repository();
