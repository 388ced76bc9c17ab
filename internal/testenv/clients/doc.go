// Package clients keeps the real clients that the registry is tested
// against: the AWS command lines and SDKs and the package managers, each at
// the version of its row in the table, each in a directory of its own below
// LARDER_CLIENTS or the user's cache.
//
// Tests ask for a client with [Bin] or [Dir] and fail where it is absent;
// they install nothing. "go run ./tools/clients" installs, with the npm and
// pip of the machine. None of our other packages is known here: what a client
// is told to do is the business of the test that runs it.
package clients
