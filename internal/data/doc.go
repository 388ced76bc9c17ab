// Package data is the data plane: the phases that every request of a package
// manager goes through. It finds the repository and the route, opens the
// token, asks whether the caller may, lets the format serve, and spells what
// failed. A format contributes rows to a table and cannot skip a phase.
//
// It also has what no format may do for itself: the cache of rendered
// documents, ETags, 304, compression, HEAD, ranges.
//
// With internal/control it is where HTTP meets the rules.
package data
