-- since 3

-- Where packages come from besides their own repository. A program of before
-- would serve assets that are not here.

-- connection is the external connection of a repository, at most one.
ALTER TABLE repositories ADD COLUMN connection TEXT NOT NULL DEFAULT '';

CREATE TABLE upstreams (
	repository INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
	position   INTEGER NOT NULL,
	upstream   INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
	PRIMARY KEY (repository, position)
) STRICT;
CREATE INDEX upstreams_upstream ON upstreams (upstream);

-- origin_connection is the external connection that a version came through
-- first; it has no origin_repository then. retained says that it came to this
-- repository from upstream, because a client fetched it.
ALTER TABLE versions ADD COLUMN origin_connection TEXT NOT NULL DEFAULT '';
ALTER TABLE versions ADD COLUMN retained INTEGER NOT NULL DEFAULT 0;

-- An asset without a blob is known from an upstream and not fetched yet:
-- known is a JSON object of what is known of it, else empty.
CREATE TABLE assets_with_known (
	id        INTEGER PRIMARY KEY AUTOINCREMENT,
	version   INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
	name      TEXT NOT NULL,
	blob      INTEGER REFERENCES blobs (id),
	known     TEXT NOT NULL DEFAULT '',
	added_ms  INTEGER NOT NULL,
	companion INTEGER NOT NULL,
	manifest  BLOB NOT NULL,
	UNIQUE (version, name)
) STRICT;
INSERT INTO assets_with_known (id, version, name, blob, added_ms, companion, manifest)
SELECT id, version, name, blob, added_ms, companion, manifest FROM assets;
DROP TABLE assets;
ALTER TABLE assets_with_known RENAME TO assets;
CREATE INDEX assets_blob ON assets (blob);
