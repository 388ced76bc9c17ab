// Package wire carries an operation over HTTP, both ways. On the server a
// [Mux] finds the operation that a request asks for, binds the request to the
// operation's input, checks the input against the constraints of the service
// model and writes the handler's output or failure; on the client [Call]
// encodes an input and decodes the answer.
//
// What to bind and check stands in the tags of the generated structs in
// internal/api; [Shape] is those tags, read once per type. How it looks on the
// wire is a [Protocol]'s business, of which there are two: restjson and
// awsquery. The words in which a broken constraint is reported are here, in
// one place, because both protocols share them.
//
// The package knows no signatures, identities or permissions: who asks is
// found out by a function that the Mux is given. It writes no log.
package wire
