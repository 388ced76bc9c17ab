// Package larder answers the operations of the service that is our own, as
// internal/control does CodeArtifact's: what AWS has no call for. It makes and
// lists accounts, revokes authorization tokens and explains decisions.
//
// Who may is decided in identity.Authorize like anything else, on ARNs that
// begin with arn:aws:larder. What is about the whole registry belongs to its
// first account, so that nobody else's callers can be allowed it.
package larder
