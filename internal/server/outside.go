package server

import (
	"larder.example/larder/internal/config"
	"larder.example/larder/internal/outbound"
	"larder.example/larder/internal/registry"
)

// agent is what we call ourselves outside.
const agent = "larder"

// connect gives the registry its way to public registries.
func (s *Server) connect() {
	c := s.config
	s.outbound = &outbound.Client{Allow: c.OutboundAllow, Offline: c.Offline, Agent: agent, Now: s.now}
	s.public = &registry.Public{Registry: s.Registry, Out: s.outbound, Connections: map[string]registry.Connection{}, Count: s.metrics.pulled}
	for name, k := range c.Connections {
		s.lead(name, k)
	}
	s.Registry.Outside = s.public
	s.closers = append(s.closers, s.outbound, s.public) // what is under way ends before what it needs is closed
}

// lead says where an external connection leads. Nobody is served yet.
func (s *Server) lead(name string, k *config.Connection) {
	host := outbound.HostPort(k.URL)
	s.outbound.Named = append(s.outbound.Named, host)
	s.public.Connections[name] = registry.Connection{Base: k.URL.String(), Credentials: outbound.Credentials{
		Host: host, User: k.User, Password: k.Password, Token: k.Token,
	}}
}
