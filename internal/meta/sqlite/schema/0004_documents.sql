-- since 4

-- What public registries and their like answered. A program of before would
-- collect the bytes.

-- path is below the connection's base, or a URL. url is where it stood,
-- etag and modified are the validators that came with it, changed_ms is when
-- the registry says that it changed last (0: it does not say), stored_ms when
-- we came by it.
CREATE TABLE documents (
	id           INTEGER PRIMARY KEY AUTOINCREMENT,
	connection   TEXT NOT NULL,
	path         TEXT NOT NULL,
	blob         INTEGER NOT NULL REFERENCES blobs (id),
	url          TEXT NOT NULL,
	content_type TEXT NOT NULL,
	etag         TEXT NOT NULL,
	modified     TEXT NOT NULL,
	changed_ms   INTEGER NOT NULL,
	stored_ms    INTEGER NOT NULL,
	UNIQUE (connection, path)
) STRICT;
CREATE INDEX documents_blob ON documents (blob);
