-- since 4

-- What public registries and their like answered. A program of before would
-- collect the bytes.

-- path is below the connection's base, or a URL. url is where it stood,
-- etag and modified are the validators that came with it, changed_ms is when
-- the registry says that it changed last (0: it does not say), stored_ms when
-- we came by it.
CREATE TABLE documents (
	id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	connection   TEXT COLLATE "C" NOT NULL,
	path         TEXT COLLATE "C" NOT NULL,
	blob         BIGINT NOT NULL REFERENCES blobs (id),
	url          TEXT COLLATE "C" NOT NULL,
	content_type TEXT COLLATE "C" NOT NULL,
	etag         TEXT COLLATE "C" NOT NULL,
	modified     TEXT COLLATE "C" NOT NULL,
	changed_ms   BIGINT NOT NULL,
	stored_ms    BIGINT NOT NULL,
	UNIQUE (connection, path)
);
CREATE INDEX documents_blob ON documents (blob);
