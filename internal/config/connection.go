package config

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
)

// Connection is where a public registry is, and how we are known there.
type Connection struct {
	// URL is the base of its addresses, without user information and with a
	// slash at the end. Nil: it is not configured.
	URL *url.URL

	// User and Password are from the URL's user information.
	User, Password string

	// TokenFile holds a bearer token; Token is what it held.
	TokenFile, Token string
}

// connections are the names of CodeArtifact's external connections of the
// formats that are served.
var connections = [...]string{
	"public:npmjs", "public:pypi", "public:maven-central", "public:maven-googleandroid",
	"public:maven-gradleplugins", "public:maven-commonsware", "public:maven-clojars",
}

// connect makes the settings of the connections: two of each.
func (c *Config) connect() {
	c.Connections, c.drafts = map[string]*Connection{}, map[string]*Connection{}
	for _, name := range connections {
		k := &Connection{}
		c.drafts[name] = k
		key := "connection-" + strings.ReplaceAll(name, ":", "-")
		c.settings = append(c.settings,
			&setting{name: key, usage: "URL of what " + name + " connects to; may have user information", value: address{k}, quiet: true},
			&setting{name: key + "-token-file", usage: "file with a bearer token for it", value: text(&k.TokenFile)})
	}
}

// checkConnections makes connections of those that have an address, with the
// tokens that are in their files.
func (c *Config) checkConnections() error {
	var faults []error
	for name, k := range c.drafts {
		if k.TokenFile != "" {
			token, err := os.ReadFile(k.TokenFile)
			if err != nil {
				faults = append(faults, fmt.Errorf("token of %s: %w", name, err))
			}
			k.Token = strings.TrimSpace(string(token))
		}
		if k.URL != nil {
			c.Connections[name] = k
		}
	}
	return errors.Join(faults...)
}

// Connect sets where a public registry is, unless that is set already. It
// reports whether it did.
func (c *Config) Connect(name, base string) (bool, error) {
	if c.Connections[name] != nil {
		return false, nil
	}
	k := &Connection{}
	if err := (address{k}).Set(base); err != nil {
		return false, fmt.Errorf("address of %s: %w", name, err)
	}
	c.Connections[name] = k
	return true, nil
}

// address is the URL of a connection.
type address struct{ c *Connection }

func (v address) Set(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("an address of the form https://HOST/PATH/ is wanted") // and may hold a password
	}
	v.c.User = u.User.Username()
	v.c.Password, _ = u.User.Password()
	u.User = nil
	if !strings.HasSuffix(u.Path, "/") {
		u.Path += "/"
	}
	v.c.URL = u
	return nil
}

func (v address) String() string {
	if v.c == nil || v.c.URL == nil {
		return ""
	}
	return v.c.URL.String()
}
