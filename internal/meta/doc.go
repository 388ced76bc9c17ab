// Package meta keeps all that is known but bytes: accounts and their keys,
// domains, repositories, packages, versions, and which blobs are alive. It
// holds the SQL, written once for both engines (meta/sqlite, meta/postgres
// say what differs), and no rules: registry and identity have those.
//
// Three things keep one text true on both engines: times are milliseconds
// passed in, a prefix is a range and never LIKE, and placeholders are $1, $2
// by number. The database never sees a clock of its own.
//
// There is no store interface. A [Tx] has one method per question, in one
// file per noun.
package meta
