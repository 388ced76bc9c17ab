package server

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/config"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/machine"
	"larder.example/larder/internal/registry"
)

// foundFile remembers what was discovered: once a package manager has logged
// in here, it says no more where the world's packages are.
const foundFile = "connections"

// discover gives the external connections that have no address the ones that
// this machine's package managers use.
func discover(ctx context.Context, c *config.Config) error {
	path := filepath.Join(c.Data, foundFile)
	found, err := readFound(path)
	if errors.Is(err, fs.ErrNotExist) {
		found = machine.Registries(ctx)
		maps.DeleteFunc(found, func(_, address string) bool { return isEndpoint(address) })
		err = writeFound(path, found)
	}
	if err != nil {
		return err
	}
	for name, address := range found {
		if _, err := c.Connect(name, address); err != nil {
			return fmt.Errorf("use what this machine's package managers do: %w", err)
		}
	}
	return nil
}

// isEndpoint reports whether an address is one that a login wrote: of a
// repository here or of CodeArtifact, for which a token would be needed.
func isEndpoint(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return true
	}
	_, _, _, ok := format.Endpoints{}.Find(u.Host, u.EscapedPath())
	return ok || strings.Contains(u.Host, ".d.codeartifact.")
}

// readFound reads lines of a connection and its address.
func readFound(path string) (map[string]string, error) {
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, err
	case err != nil:
		return nil, unusable(err)
	}
	defer f.Close()
	found := map[string]string{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if name, address, ok := strings.Cut(lines.Text(), " "); ok {
			found[name] = address
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return found, nil
}

// writeFound writes them, for nobody else to read: an address may hold a
// password.
func writeFound(path string, found map[string]string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return unusable(err)
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(found)) {
		b.WriteString(name + " " + found[name] + "\n")
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		return unusable(err)
	}
	return nil
}

// quickPublic is the repository through which quickstart's has the packages of
// the world.
const quickPublic = "public"

// quickUpstreams makes a repository for each external connection that has an
// address, one of all of them, and that one the upstream of quickstart's.
// What its owner changed later stays so.
func (s *Server) quickUpstreams(ctx context.Context, app larder.RepositoryRef, account string) error {
	if len(s.config.Connections) == 0 {
		return nil
	}
	create := func(name, description string, upstreams ...string) (fresh bool, err error) {
		ref := larder.RepositoryRef{Domain: app.Domain, Name: name}
		_, err = s.Registry.CreateRepository(ctx, registry.NewRepository{
			Ref: ref, Administrator: account, Description: description, Upstreams: upstreams,
		})
		if larder.Conflict.Is(err) {
			return false, nil
		}
		return err == nil, err
	}
	var stores []string
	for _, connection := range slices.Sorted(maps.Keys(s.config.Connections)) {
		// CodeArtifact's console calls them so.
		store := strings.TrimSuffix(strings.TrimPrefix(connection, "public:"), "js") + "-store"
		fresh, err := create(store, "What "+connection+" has")
		if err != nil {
			return err
		}
		if fresh {
			if _, err := s.Registry.AssociateExternalConnection(ctx, larder.RepositoryRef{Domain: app.Domain, Name: store}, connection); err != nil {
				return err
			}
		}
		stores = append(stores, store)
	}
	fresh, err := create(quickPublic, "The packages of the world", stores...)
	if err != nil || !fresh {
		return err
	}
	described, err := s.Registry.DescribeRepository(ctx, app)
	if err != nil || len(described.Upstreams) > 0 || described.Connection != "" {
		return err
	}
	upstreams := []string{quickPublic}
	ctx = identity.WithCaller(ctx, identity.Caller{Principal: identity.Principal{Account: account, ID: account}, At: s.now()})
	_, err = s.Registry.UpdateRepository(ctx, app, registry.RepositoryUpdate{Upstreams: &upstreams})
	return err
}

// sources says where the packages of the world come from, for people.
func (s *Server) sources() []string {
	var all []string
	for _, connection := range slices.Sorted(maps.Keys(s.config.Connections)) {
		all = append(all, strings.TrimPrefix(connection, "public:")+" from "+s.config.Connections[connection].URL.Host)
	}
	return all
}
