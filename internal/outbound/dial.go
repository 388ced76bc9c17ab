package outbound

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"

	"larder.example/larder"
)

// closed are networks that nobody may send us to: those that are not of the
// public internet (IANA's special-purpose registries, RFC 6890), and where
// clouds answer with the machine's own credentials. Networks for
// documentation are not among them: they lead nowhere, unless someone has
// given them a meaning.
var closed = [...]string{
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
	"168.63.129.16/32", // Azure's, public as it looks
	"::/128", "::1/128", "64:ff9b:1::/48", "100::/64", "2001::/32", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
}

// wrapped are networks whose addresses stand for IPv4 addresses, and at which
// byte: NAT64 (RFC 6052), 6to4 (RFC 3056), and IPv4-compatible ones.
var wrapped = [...]struct {
	network string
	at      int
}{
	{"64:ff9b::/96", 12}, {"2002::/16", 2}, {"::/96", 12},
}

// open reports whether an address may be dialed for anybody.
func (c *Client) open(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if slices.ContainsFunc(c.Allow, func(p netip.Prefix) bool { return p.Contains(a) }) {
		return true
	}
	for _, network := range closed {
		if netip.MustParsePrefix(network).Contains(a) {
			return false
		}
	}
	if a.Is4() {
		return true
	}
	for _, w := range wrapped {
		if !netip.MustParsePrefix(w.network).Contains(a) {
			continue
		}
		bytes := a.As16()
		return c.open(netip.AddrFrom4([4]byte(bytes[w.at : w.at+4])))
	}
	return true
}

// dial connects to a host. The address is judged when it is connected to,
// after the name has been resolved.
func (c *Client) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	d := net.Dialer{Timeout: dialTime}
	if !c.named(addr) {
		d.ControlContext = func(_ context.Context, _, resolved string, _ syscall.RawConn) error {
			a, err := netip.ParseAddrPort(resolved)
			if err != nil {
				return fmt.Errorf("judge address %s: %w", resolved, err)
			}
			if !c.open(a.Addr()) {
				return refused(addr)
			}
			return nil
		}
	}
	conn, err := d.DialContext(ctx, network, addr)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	return conn, nil
}

// named reports whether the operator named the host: as one of ours, or as
// the proxy that is used.
func (c *Client) named(addr string) bool {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	addr = canonicalHost(host) + ":" + port
	return slices.Contains(c.Named, addr) || slices.Contains(proxies(), addr)
}

// judgeLiteral judges a host that is an address. Where a proxy connects, it
// is all that can be judged.
func (c *Client) judgeLiteral(u *url.URL) error {
	a, err := netip.ParseAddr(u.Hostname())
	if err == nil && !c.open(a) && !c.named(HostPort(u)) {
		return refused(u.Host)
	}
	return nil
}

func refused(host string) error {
	return larder.Errorf(larder.Denied, "%s is on a network that is not fetched from; LARDER_OUTBOUND_ALLOW can allow it.", host)
}

// canonicalHost is the one spelling of a host.
func canonicalHost(host string) string {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}
