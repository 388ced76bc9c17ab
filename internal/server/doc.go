// Package server puts the house together: it opens the data directory, makes
// every room with what it needs, routes requests to the planes, runs the jobs
// and shuts down.
//
// It is the only room that imports implementations (meta/sqlite, blob/dir and
// the formats); everybody else gets them as values. The edge of the server is
// here too: the request ID, and the one log line, the one audit record and
// the metrics of a request.
package server
