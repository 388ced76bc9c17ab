// Package larder is the vocabulary of the registry: what things are called,
// how a reference to one is spelled, and the kinds of failure that callers can
// tell apart. It imports nothing but the standard library; every other room
// imports it.
//
// The nouns are those of AWS CodeArtifact:
//
//   - A domain belongs to an account and holds repositories. Bytes are stored
//     once in a domain, however many repositories show them.
//   - A repository holds packages of every [Format].
//   - A package has versions, a version has assets, an asset is a file.
//   - A version has a [Status] and a revision, which changes with its content.
//   - A package group is a pattern over packages; origin controls say where a
//     package's versions may come from.
//   - An authorization token is a bearer form of the principal that asked for
//     it, for one domain and some hours. It is not a grant: permissions are
//     looked up when it is used.
package larder

// Format is a package format as the API spells it, which is also the first
// path segment of the format's endpoint.
type Format string

// The formats of CodeArtifact's PackageFormat enumeration.
const (
	Cargo   Format = "cargo"
	Generic Format = "generic"
	Maven   Format = "maven"
	NPM     Format = "npm"
	NuGet   Format = "nuget"
	PyPI    Format = "pypi"
	Ruby    Format = "ruby"
	Swift   Format = "swift"
)

// Status is the status of a package version.
type Status string

// The statuses of CodeArtifact's PackageVersionStatus enumeration.
const (
	Published  Status = "Published"  // listed and served
	Unfinished Status = "Unfinished" // gaining assets; neither listed to clients nor served to them
	Unlisted   Status = "Unlisted"   // served to who knows its name, listed only by the API
	Archived   Status = "Archived"   // kept, not served
	Disposed   Status = "Disposed"   // its content is gone, its coordinate stays taken
	Deleted    Status = "Deleted"    // seen in answers only
)
