// Package restjson is AWS's restJson1 protocol, which CodeArtifact speaks:
// operations are found by method and path, members travel in the query
// string, in headers and in a JSON document, and one member may be the body
// itself.
//
// It owns how things are spelled, in both directions, and the names and
// statuses of failures. What members there are and what they must satisfy is
// internal/wire's.
package restjson
