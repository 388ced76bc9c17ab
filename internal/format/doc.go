// Package format is the seam between the registry and the package managers:
// the table that a package format fills in ([Format]), what it may ask of the
// registry ([Registry]) and what one request hands to it ([Exchange]).
//
// A format owns what its package manager must say: parsing a publish body,
// reading what a package says about itself, rendering an index, spelling and
// ordering names, phrasing errors. It never owns HTTP authentication,
// permissions, hashes, blobs, SQL, upstream order, caching, ranges or ETags:
// internal/data runs those phases around every row of Routes, and a format's
// Serve is reachable through them only.
package format
