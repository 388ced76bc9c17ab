package helper

import (
	"context"
	"errors"
	"io"
	"time"
)

// Credential is what is sent to a repository.
type Credential struct {
	Token   string
	Expires time.Time
}

// user is the name that CodeArtifact's guide gives a token where a protocol
// wants one; any will do.
const user = "aws"

// ErrElsewhere says that an address is none of ours, or none that a token may
// be sent to. A package manager then looks elsewhere.
var ErrElsewhere = errors.New("the address is no repository's")

// Source is where credentials come from.
type Source struct {
	// Credential returns what is sent to an address, or ErrElsewhere.
	Credential func(ctx context.Context, address string) (Credential, error)

	// Refused says that what was returned for an address last was not taken.
	Refused func(ctx context.Context, address string) error
}

// Call is one run of a helper, as a package manager starts it.
type Call struct {
	Args    []string // of the protocol
	Getenv  func(string) string
	Address string // what the user says it is for, where the protocol does not; may be empty
	Stdin   io.Reader
	Stdout  io.Writer
	Source  Source
}

// Face is a protocol.
type Face struct {
	Name    string // of the package manager
	Summary string
	Serve   func(context.Context, *Call) error
}

// Faces are the protocols that are spoken.
func Faces() []Face {
	return []Face{
		{"cargo", "speaks cargo's credential provider protocol, or prints a token for cargo:token-from-stdout", cargo},
		{"keyring", "answers \"get SERVICE [USER]\" as the keyring program does", keyring},
		{"pnpm", "prints an Authorization header, as pnpm's tokenHelper does", pnpm},
		{"bazel", "answers \"get\" as Bazel's credential helpers do", bazel},
		{"nuget", "speaks NuGet's plugin protocol, and that of credential providers of nuget.exe", nuget},
	}
}

// Find returns the protocol of that name.
func Find(name string) (Face, bool) {
	for _, f := range Faces() {
		if f.Name == name {
			return f, true
		}
	}
	return Face{}, false
}

// ErrNone says that there is no credential, where a protocol says so by an
// exit code and prints nothing.
var ErrNone = errors.New("there is no credential for that address")
