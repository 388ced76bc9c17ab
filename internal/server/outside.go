package server

import (
	"crypto/x509"
	"fmt"
	"os"

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
	s.public = &registry.Public{Registry: s.Registry, Out: s.outbound, Connections: map[string]registry.Connection{}, Count: s.metrics.pulled}
	for name, k := range c.Connections {
		s.lead(name, k)
	}
	s.Registry.Outside = s.public
	s.closers = append(s.closers, s.public) // what is under way ends before what it needs is closed
}

// lead says where an external connection leads. Nobody is served yet.
func (s *Server) lead(name string, k *config.Connection) {
	host := outbound.HostPort(k.URL)
	s.outbound.Named = append(s.outbound.Named, host)
	s.public.Connections[name] = registry.Connection{Base: k.URL.String(), Credentials: outbound.Credentials{
		Host: host, User: k.User, Password: k.Password, Token: k.Token,
	}}
}
