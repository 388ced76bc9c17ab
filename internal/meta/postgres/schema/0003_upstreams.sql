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
