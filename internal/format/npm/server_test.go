package npm

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

var repository = larder.RepositoryRef{
	Domain: larder.DomainRef{Owner: "111122223333", Name: "acme"}, Name: "shared",
}

// endpoint is where the server below has the repository.
const endpoint = "/npm/d/acme-111122223333/shared/"

func ref(namespace, name string) larder.PackageRef {
	return larder.PackageRef{Repository: repository, Format: larder.NPM, Namespace: namespace, Name: name}
}

// server does what internal/data does around the rows of Format, for one
// caller who may do all.
type server struct {
	registry *memory
	base     string // with the endpoint's trailing slash
}

// serve starts a server on an empty registry and returns its base.
func serve(t testing.TB) (*memory, string) {
	s := &server{registry: newMemory()}
	listening := httptest.NewServer(s)
	t.Cleanup(listening.Close)
	s.base = listening.URL + endpoint
	return s.registry, s.base
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := s.serve(w, r); err != nil {
		Format.Fail(w, r, larder.AsError(err))
	}
}

func (s *server) serve(w http.ResponseWriter, r *http.Request) error {
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), strings.TrimSuffix(endpoint, "/"))
	if !ok {
		return larder.Errorf(larder.NotFound, "no such endpoint")
	}
	for _, route := range Format.Routes {
		if r.Method != route.Method && (r.Method != http.MethodHead || route.Method != http.MethodGet) || !match(r, route.Path, path) {
			continue
		}
		x := &format.Exchange{W: w, R: r, Repository: repository, Base: s.base, User: "alice", Registry: s.registry}
		if route.Package != nil {
			namespace, name, err := route.Package(r)
			if err != nil {
				return err
			}
			if namespace, name, err = Format.Names.Canonical(namespace, name); err != nil {
				return err
			}
			x.Package = ref(namespace, name)
		}
		if action := strings.TrimPrefix(route.Action, "codeartifact:"); s.registry.denied[action] {
			return s.registry.judge(action, x.Package)
		}
		x.Send = func(a larder.AssetRef) error {
			b, at := s.registry.asset(a)
			if b == nil {
				return larder.Errorf(larder.NotFound, "asset %s does not exist", a)
			}
			http.ServeContent(w, r, "", at, bytes.NewReader(b))
			return nil
		}
		x.Render = func(variant, kind string, write func(context.Context, io.Writer) (string, error)) error {
			var b bytes.Buffer
			stamp, err := write(r.Context(), &b)
			if err != nil {
				return err
			}
			tag := fmt.Sprintf("%q", variant+"-"+stamp)
			w.Header().Set("ETag", tag)
			if r.Header.Get("If-None-Match") == tag {
				w.WriteHeader(http.StatusNotModified)
				return nil
			}
			w.Header().Set("Content-Type", kind)
			_, err = b.WriteTo(w)
			return err
		}
		return route.Serve(x)
	}
	return larder.Errorf(larder.NotFound, "no such operation")
}

// match reports whether an escaped path has a route's pattern, and sets the
// request's path values if so.
func match(r *http.Request, pattern, path string) bool {
	values := map[string]string{}
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for p := range strings.SplitSeq(strings.TrimPrefix(pattern, "/"), "/") {
		if len(segments) == 0 {
			return false
		}
		literal, name, captures := strings.Cut(strings.TrimSuffix(p, "}"), "{")
		segment := segments[0]
		segments = segments[1:]
		name, isRest := strings.CutSuffix(name, "...")
		if isRest {
			segment = strings.Join(append([]string{segment}, segments...), "/")
			segments = nil
		}
		value, err := url.PathUnescape(segment)
		if err != nil {
			return false
		}
		value, ok := strings.CutPrefix(value, literal)
		if !ok || !captures && value != "" || captures && value == "" {
			return false
		}
		if captures {
			values[name] = value
		}
	}
	if len(segments) > 0 {
		return false
	}
	for name, value := range values {
		r.SetPathValue(name, value)
	}
	return true
}
