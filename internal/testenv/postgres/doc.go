// Package postgres gives tests databases of a real PostgreSQL: [DSN] is one
// that is empty and the test's own.
//
// The first call in a test process starts a server of its own in a temporary
// directory, without TCP and without fsync, about a second's work; it ends
// with the process, however that ends. LARDER_TEST_POSTGRES names a server
// that is there already instead, as the URL of a user who may create
// databases.
//
// It knows none of our packages: what is in a database is the business of
// internal/meta.
package postgres
