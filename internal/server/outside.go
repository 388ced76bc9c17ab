package server

import (
	"context"
	"crypto/x509"
	"fmt"
	"os"

	"larder.example/larder/internal/audit"
	"larder.example/larder/internal/config"
	"larder.example/larder/internal/outbound"
	"larder.example/larder/internal/registry"
)

// agent is what we call ourselves outside.
const agent = "larder"

// openOutbound makes the one way out.
func (s *Server) openOutbound() error {
	c := s.config
	s.outbound = &outbound.Client{Allow: c.OutboundAllow, Offline: c.Offline, Agent: agent, Now: s.now}
	s.closers = append(s.closers, s.outbound)
	if c.OutboundCA == "" {
		return nil
	}
	text, err := os.ReadFile(c.OutboundCA)
	if err != nil {
		return fmt.Errorf("read LARDER_OUTBOUND_CA: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		return fmt.Errorf("read the system's authorities: %w", err)
	}
	if !roots.AppendCertsFromPEM(text) {
		return fmt.Errorf("LARDER_OUTBOUND_CA: %s holds no certificate", c.OutboundCA)
	}
	s.outbound.Roots = roots
	return nil
}

// connect gives the registry its way to public registries.
func (s *Server) connect() {
	c := s.config
	s.public = &registry.Public{
		Registry: s.Registry, Out: s.outbound, Connections: map[string]registry.Connection{}, Prefetch: c.Prefetch && !c.Offline,
		Count: s.metrics.pulled, Drifted: s.drifted,
	}
	for name, k := range c.Connections {
		s.lead(name, k)
	}
	s.Registry.Outside = s.public
	s.closers = append(s.closers, s.public) // what is under way ends before what it needs is closed
}

// drift is what the audit record of a [registry.Drift] tells.
type drift struct {
	Repositories []string `json:"repositories"` // that keep what they have
	Kept         digests  `json:"kept"`
	Upstream     digests  `json:"upstream"`
}

// digests are those of a file that are known.
type digests struct {
	MD5    string `json:"md5,omitempty"`
	SHA1   string `json:"sha1,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
	SHA512 string `json:"sha512,omitempty"`
}

// drifted counts a file that a public registry has otherwise, and writes an
// audit record for the domain's owner.
func (s *Server) drifted(ctx context.Context, d registry.Drift) {
	s.metrics.drifted(d)
	v := d.Asset.Version
	domain := v.Package.Repository.Domain
	err := s.audit.Write(&audit.Event{
		ID: newRequestID(), At: s.now(), Service: "larder", Name: "UpstreamAssetChanged", Caller: audit.Identity{Account: domain.Owner},
		Target: audit.Target{
			DomainOwner: domain.Owner, Domain: domain.Name,
			Format: string(v.Package.Format), Namespace: v.Package.Namespace, Package: v.Package.Name, Version: v.Version, Asset: d.Asset.Name,
			ExternalConnection: d.Connection,
		},
		Details: drift{Repositories: d.Repositories, Kept: digests(d.Have), Upstream: digests(d.Told)},
	})
	if err != nil {
		s.log.ErrorContext(ctx, "what changed upstream is in no audit record", "err", err)
	}
}

// lead says where an external connection leads. Nobody is served yet.
func (s *Server) lead(name string, k *config.Connection) {
	host := outbound.HostPort(k.URL)
	s.outbound.Named = append(s.outbound.Named, host)
	s.public.Connections[name] = registry.Connection{Base: k.URL.String(), Credentials: outbound.Credentials{
		Host: host, User: k.User, Password: k.Password, Token: k.Token,
	}}
}
