package cli

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/cli/args"
	"larder.example/larder/internal/cli/cache"
	"larder.example/larder/internal/cli/helper"
	"larder.example/larder/internal/cli/login"
	"larder.example/larder/internal/cli/operation"
	"larder.example/larder/internal/cli/value"
)

// place is the repository that a command is about.
type place struct{ domain, owner, repository, endpointType string }

func placeOf(v args.Values) place {
	return place{v.Text("domain"), v.Text("domain-owner"), v.Text("repository"), v.Text("endpoint-type")}
}

// registry returns who calls CodeArtifact in a region; empty is the session's.
func (s *Session) registry(ctx context.Context, region string) (*Caller, error) {
	if region != "" {
		elsewhere := *s
		elsewhere.Globals = args.Values{"region": region}
		for k, v := range s.Globals {
			if k != "region" {
				elsewhere.Globals[k] = v
			}
		}
		s = &elsewhere
	}
	c, err := s.Caller(ctx, implied)
	if err != nil {
		return nil, err
	}
	c.times = func(raw any) any { return value.ISOTime(raw, time.UTC) } // and not as the profile wants it
	return c, nil
}

// ask makes a call, in whose input what is empty is not said.
func (c *Caller) ask(ctx context.Context, name string, members ...value.Member) (*value.Object, error) {
	service, _ := operation.FindService(c.service)
	op, err := service.Find(name)
	if err != nil {
		return nil, err
	}
	params := new(value.Object)
	for _, m := range members {
		if m.Value != nil && m.Value != "" {
			params.Set(m.Key, m.Value)
		}
	}
	out, _, err := c.Call(ctx, op, params)
	return out, err
}

// authorize asks for a token, for a number of seconds; nil is the service's
// default.
func (c *Caller) authorize(ctx context.Context, p place, duration any) (cache.Entry, error) {
	out, err := c.ask(ctx, "get-authorization-token",
		value.Member{Key: "domain", Value: p.domain},
		value.Member{Key: "domainOwner", Value: p.owner},
		value.Member{Key: "durationSeconds", Value: duration})
	if err != nil {
		return cache.Entry{}, err
	}
	expires, err := time.Parse(time.RFC3339Nano, out.Text("expiration"))
	if err != nil {
		return cache.Entry{}, errorText("the service does not say when the token expires: %v", err)
	}
	return cache.Entry{Token: out.Text("authorizationToken"), Expires: expires}, nil
}

// endpoint asks where a repository is.
func (c *Caller) endpoint(ctx context.Context, p place, format string) (string, error) {
	out, err := c.ask(ctx, "get-repository-endpoint",
		value.Member{Key: "domain", Value: p.domain},
		value.Member{Key: "domainOwner", Value: p.owner},
		value.Member{Key: "repository", Value: p.repository},
		value.Member{Key: "format", Value: format},
		value.Member{Key: "endpointType", Value: p.endpointType})
	return out.Text("repositoryEndpoint"), err
}

// tokens returns the cache of them.
func (s *Session) tokens() *cache.Cache {
	dir := s.Getenv("LARDER_CACHE")
	switch {
	case dir != "":
	case runtime.GOOS == "windows":
		dir = filepath.Join(s.Getenv("LOCALAPPDATA"), "larder")
	case runtime.GOOS == "darwin":
		dir = filepath.Join(s.Home(), "Library", "Caches", "larder")
	default:
		dir = filepath.Join(cmp.Or(s.Getenv("XDG_CACHE_HOME"), filepath.Join(s.Home(), ".cache")), "larder")
	}
	return &cache.Cache{Dir: filepath.Join(dir, "tokens"), Now: s.now}
}

// grant is a token of the cache with how it came there.
type grant struct {
	cache.Entry
	key    cache.Key
	caller *Caller
}

// grant returns a token for a domain. probe is an address that a kept one is
// tried at; empty tries none.
func (s *Session) grant(ctx context.Context, c *Caller, p place, probe string) (grant, error) {
	key, err := c.key(ctx, p)
	if err != nil {
		return grant{}, err
	}
	e, err := s.tokens().Token(ctx, key, cache.Ask{
		Fetch: func(ctx context.Context) (cache.Entry, error) { return c.authorize(ctx, p, nil) },
		Answered: func(err error) bool {
			var answer *operation.Failure
			return errors.As(err, &answer)
		},
		Refused: func(ctx context.Context, e cache.Entry) bool {
			return probe != "" && c.mayHave(e, probe) && c.refused(ctx, probe, e.Token)
		},
	})
	return grant{e, key, c}, err
}

// key says whose token it is: it finds the credentials.
func (c *Caller) key(ctx context.Context, p place) (cache.Key, error) {
	service, _ := operation.FindService(c.service)
	op, err := service.Find("get-authorization-token")
	if err != nil {
		return cache.Key{}, err
	}
	if err := c.prepare(ctx, op); err != nil {
		return cache.Key{}, err
	}
	k := cache.Key{Endpoint: c.base.String(), Region: c.region, Domain: p.domain, Owner: p.owner}
	if c.signer != nil {
		k.Identity = c.signer.KeyID
	}
	return k, nil
}

// refused reports whether a repository does not take a token. One that cannot
// be reached says nothing of it.
func (c *Caller) refused(ctx context.Context, address, token string) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodHead, address, nil)
	if err != nil {
		return false
	}
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := c.http.Do(r)
	if err != nil {
		return false
	}
	answer.Body.Close() //nolint:errcheck,gosec // a HEAD has none
	return answer.StatusCode == http.StatusUnauthorized
}

// mayHave reports whether a token may be sent to an address: to the service's
// own host, to one that it named, and to AWS's.
func (c *Caller) mayHave(e cache.Entry, address string) bool {
	a, found := helper.Locate(address)
	return found && (a.Origin == origin(c.base) || slices.Contains(e.Origins, a.Origin) || a.Amazon() && c.amazon())
}

// amazon reports whether who is called is AWS.
func (c *Caller) amazon() bool {
	for _, fips := range [...]bool{false, true} {
		for _, dualStack := range [...]bool{false, true} {
			if origin(c.base) == awsEndpoint(implied, c.region, fips, dualStack) {
				return true
			}
		}
	}
	return false
}

func origin(u *url.URL) string { return u.Scheme + "://" + strings.ToLower(u.Host) }

// grantFor returns a token for an address, or helper.ErrElsewhere.
func (s *Session) grantFor(ctx context.Context, address string) (grant, error) {
	a, found := helper.Locate(address)
	if !found {
		return grant{}, helper.ErrElsewhere
	}
	c, err := s.registry(ctx, a.Region)
	if err != nil {
		return grant{}, err
	}
	if a.Amazon() != c.amazon() { // neither has tokens for the other
		return grant{}, helper.ErrElsewhere
	}
	p := place{domain: a.Domain, owner: a.Owner, repository: a.Repository}
	g, err := s.grant(ctx, c, p, address)
	if err != nil || g.caller.mayHave(g.Entry, address) {
		return g, err
	}
	named, err := g.caller.endpoint(ctx, p, a.Format)
	if err != nil {
		return grant{}, err
	}
	u, err := url.Parse(named)
	if err != nil || origin(u) != a.Origin {
		return grant{}, helper.ErrElsewhere
	}
	g.Entry, err = s.tokens().Trust(g.Entry, a.Origin)
	return g, err
}

// endpoints asks where a repository is in the format of each tool, all at
// once.
func (c *Caller) endpoints(ctx context.Context, p place, tools []login.Tool) (map[larder.Format]string, error) {
	service, _ := operation.FindService(c.service)
	op, err := service.Find("get-repository-endpoint")
	if err != nil {
		return nil, err
	}
	if err := c.prepare(ctx, op); err != nil { // once, and not by each
		return nil, err
	}
	found := map[larder.Format]string{}
	for _, t := range tools {
		found[t.Format] = ""
	}
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex // guards found and errs
		errs []error
	)
	for _, format := range formats(found) {
		wg.Go(func() {
			endpoint, err := c.endpoint(ctx, p, string(format))
			mu.Lock()
			defer mu.Unlock()
			found[format] = endpoint
			if err != nil {
				errs = append(errs, err)
			}
		})
	}
	wg.Wait()
	if len(errs) > 0 {
		return nil, errs[0]
	}
	return found, nil
}

// formats returns the formats that there are addresses for, in order.
func formats(where map[larder.Format]string) []larder.Format { return slices.Sorted(maps.Keys(where)) }
