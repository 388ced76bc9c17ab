// Package webidentity verifies the tokens of OpenID Connect providers, such as
// those that a CI job has of itself.
//
// It owns which signatures count and which keys they are checked with: the
// ones that the provider publishes, found by its discovery document. What it
// fetches is bounded in size, in number and in how often, whatever tokens
// strangers send; [Verifier.Fetch] decides which networks may be reached. It
// knows no accounts, roles or policies: which providers are trusted, and with
// what, is for internal/identity to say.
package webidentity
