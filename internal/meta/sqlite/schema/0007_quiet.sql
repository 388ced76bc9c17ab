-- since 6

-- How many moves of a package's seq changed nothing that clients see of it.
ALTER TABLE packages ADD COLUMN quiet INTEGER NOT NULL DEFAULT 0;
