// Package story runs stories: scripts in which a user works with our programs
// and with real clients. Each has a HOME of its own, no cache but what is in
// it, and a registry of its own: larderd, started as a newcomer would, or where
// the server is not the point one in the test's process, whose clock can be
// moved.
//
// It owns the commands that stories have beside testscript's, and knows the
// running registry of testenv; what a story is about is not known here.
package story
