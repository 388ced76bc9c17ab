package control

import (
	"context"
	"io"
	"maps"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/audit"
	"larder.example/larder/internal/wire"
)

// checkedBody is a request body that fails at its end if it was not the one
// that was signed.
type checkedBody struct {
	io.Reader
	io.Closer
}

// reads reports whether an operation changes nothing. Those that hand out
// secrets are not among them, so that who got one is on record before he has
// it.
func reads(op wire.Info) bool {
	if op.Sensitive {
		return false
	}
	for _, verb := range [...]string{"Describe", "Explain", "Get", "List", "Simulate"} {
		if strings.HasPrefix(op.Name, verb) {
			return true
		}
	}
	return false
}

// entrances returns what an input says of where versions may come from; nil
// for all other inputs.
func entrances(in named) map[string]any {
	switch in.(type) {
	case *codeartifact.PutPackageOriginConfigurationInput, *codeartifact.UpdatePackageGroupOriginConfigurationInput:
	default:
		return nil
	}
	given := parameters(in)
	maps.DeleteFunc(given, func(name string, _ any) bool {
		return name != "restrictions" && name != "addAllowedRepositories" && name != "removeAllowedRepositories"
	})
	return given
}

// Observe notes in the request's event what the operation was about and what
// became of it. It has the form of wire.Mux's field.
func Observe(ctx context.Context, e wire.Event) {
	event := audit.From(ctx)
	if event.Name == "" && e.Op.Name != "" { // nobody had to sign
		event.Service, event.Name, event.Read = e.Op.Service, e.Op.Name, reads(e.Op)
	}
	switch in := e.In.(type) {
	case nil: // the request did not get that far
	case named:
		n := in.Names()
		event.Target = audit.Target{
			Domain: n.Domain, Repository: n.Repository, Format: string(n.Format), Namespace: n.Namespace, Package: n.Package,
			Version: n.PackageVersion, Asset: n.Asset, ResourceARN: n.ResourceArn, PackageGroup: n.PackageGroup,
			SourceRepository: n.SourceRepository, DestinationRepository: n.DestinationRepository,
		}
		if n.Domain != "" {
			event.Target.DomainOwner = domainRef(ctx, n).Owner
		}
		event.Detail = entrances(in)
	default:
		event.Params = parameters(in)
	}
	if e.Err != nil {
		event.Code, event.Message, event.Err = e.Exception, e.Err.Message, e.Err
		if e.Err.Kind == larder.Denied {
			event.Code = "AccessDenied" // as CloudTrail has it
		}
	}
}
