-- since 5

-- What several nodes must have alike: the key ring, without its master key,
-- and which store the bytes are in. A program of before would
-- go on with a key ring of its own.
CREATE TABLE shared (
	name  TEXT PRIMARY KEY,
	value BLOB NOT NULL
) STRICT;
