// Package cache keeps authorization tokens on disk between runs of the
// command line, each in a file that its user alone can read, so that a
// package manager that asks for a password a hundred times makes one call to
// the service.
//
// A token is kept for one endpoint, domain and identity. It is renewed when
// four fifths of its life are over, by one process at a time however many ask.
// How a token is asked for, and whether it is still good, is told by who
// calls: nothing is known here of the service.
package cache
