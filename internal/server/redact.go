package server

import (
	"larder.example/larder/internal/audit"
	"larder.example/larder/internal/token"
)

// noToken is a length below which nothing is a token worth hiding: real ones
// have over a hundred characters.
const noToken = 48

// redact takes authorization tokens out of what an event repeats of its
// request. Clients put them anywhere: where a name belongs, into a URL, into
// what they call themselves.
func redact(e *audit.Event) {
	t := &e.Target
	for _, s := range [...]*string{
		&e.Agent, &e.Path, &e.Message,
		&t.Domain, &t.DomainOwner, &t.Repository, &t.SourceRepository, &t.DestinationRepository,
		&t.Format, &t.Namespace, &t.Package, &t.Version, &t.Asset,
		&t.ResourceARN, &t.PackageGroup, &t.ExternalConnection,
	} {
		if len(*s) >= noToken {
			*s = token.Redact(*s)
		}
	}
}
