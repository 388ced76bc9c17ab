// Package helper speaks the protocols by which package managers ask a program
// for a password: those of cargo, keyring, pnpm, Bazel and NuGet, a file each.
//
// Where a token comes from is told by who calls: a [Source] is asked about an
// address and says that it is none of ours, or what to send there. Nothing is
// known here of the service, of the cache or of configuration.
package helper
