package server

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/config"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/token"
)

// BenchmarkAnswer is what the server adds to net/http for an answer from the
// cache: everything from the edge in, with the log, the audit and the metrics
// on.
func BenchmarkAnswer(b *testing.B) {
	s, bearer := benchServer(b)
	base := "/npm/d/team-" + benchAccount(b, s) + "/app/"
	put(b, s, base, bearer, document(b, "1.0.0", 300))
	for _, bench := range []struct {
		name, path string
		header     map[string]string
	}{
		{"packument", "@perf%2fwidget", map[string]string{"Accept-Encoding": "gzip"}},
		{"not modified", "@perf%2fwidget", map[string]string{"Accept-Encoding": "gzip", "If-None-Match": "*"}},
		{"manifest", "@perf%2fwidget/1.0.0", nil},
		{"tarball", "@perf/widget/-/widget-1.0.0.tgz", nil},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			w := &nowhere{header: http.Header{}}
			for b.Loop() {
				r := benchRequest(b, http.MethodGet, base+bench.path, bearer, nil)
				for name, value := range bench.header {
					r.Header.Set(name, value)
				}
				clear(w.header)
				s.handler.ServeHTTP(w, r)
				if w.status != http.StatusOK && w.status != http.StatusNotModified {
					b.Fatal(w.status)
				}
			}
		})
	}
	b.Run("the benchmark itself", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			benchRequest(b, http.MethodGet, base, bearer, nil)
		}
	})
}

// nowhere is a response writer that keeps the status.
type nowhere struct {
	header http.Header
	status int
}

func (n *nowhere) Header() http.Header         { return n.header }
func (n *nowhere) WriteHeader(status int)      { n.status = status }
func (n *nowhere) Write(b []byte) (int, error) { return len(b), nil }

func benchRequest(b *testing.B, method, path, bearer string, body []byte) *http.Request {
	r, err := http.NewRequestWithContext(b.Context(), method, path, bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	if body == nil {
		r.Body = http.NoBody
	}
	r.Host, r.RemoteAddr = "127.0.0.1:8484", "127.0.0.1:40000"
	r.Header = http.Header{
		"Authorization": {"Bearer " + bearer}, "Accept": {"application/json"}, "User-Agent": {"npm/11.19.1 node/v20.20.2 linux x64"},
	}
	return r
}

func benchServer(b *testing.B) (s *Server, bearer string) {
	b.Helper()
	c := config.Defaults()
	c.Data, c.MetricsListen = filepath.Join(b.TempDir(), "data"), "127.0.0.1:0"
	lines := newBuffer(io.Discard)
	b.Cleanup(lines.close)
	s, err := Open(b.Context(), c, slog.New(&textLog{to: lines}), nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	s.mount("http://127.0.0.1:8484")
	q, err := s.Quickstart(b.Context(), "http://127.0.0.1:8484")
	if err != nil {
		b.Fatal(err)
	}
	u, err := s.Identity.Entity(b.Context(), identity.UserRef(q.Account, q.User))
	if err != nil {
		b.Fatal(err)
	}
	uid, err := s.Identity.DomainUID(larder.DomainRef{Owner: q.Account, Name: q.Domain})
	if err != nil {
		b.Fatal(err)
	}
	vault := token.Vault{Keys: s.keys, Region: c.Region}
	now := time.Now().Truncate(time.Second)
	keys, err := s.quickCredentials(b.Context(), q.Account)
	if err != nil {
		b.Fatal(err)
	}
	bearer, err = vault.Seal(b.Context(), token.Claims{
		Principal: identity.Principal{Account: q.Account, ID: u.ID}, DomainUID: uid, DomainOwner: q.Account,
		IssuedAt: now, ExpiresAt: now.Add(time.Hour), KeyID: keys.KeyID, ID: token.NewID(),
	})
	if err != nil {
		b.Fatal(err)
	}
	return s, bearer
}

func benchAccount(b *testing.B, s *Server) string {
	accounts, err := s.Identity.Accounts(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	return accounts[0].ID
}

// BenchmarkPublish is a durable publish of 20 KB, from the edge in.
func BenchmarkPublish(b *testing.B) {
	s, bearer := benchServer(b)
	base := "/npm/d/team-" + benchAccount(b, s) + "/app/"
	documents := make([][]byte, 500)
	for i := range documents {
		documents[i] = document(b, fmt.Sprintf("1.0.%d", i), 20<<10)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		if i == len(documents) {
			b.Fatalf("run it with -benchtime %dx at most", len(documents))
		}
		put(b, s, base, bearer, documents[i])
	}
}

func put(b *testing.B, s *Server, base, bearer string, document []byte) {
	w := &nowhere{header: http.Header{}}
	s.handler.ServeHTTP(w, benchRequest(b, http.MethodPut, base+"@perf%2fwidget", bearer, document))
	if w.status != http.StatusCreated {
		b.Fatal(w.status)
	}
}

// document is what npm sends to publish a version whose tarball has size
// bytes of noise.
func document(b *testing.B, version string, size int) []byte {
	b.Helper()
	manifest := map[string]any{"name": "@perf/widget", "version": version, "description": "A widget."}
	text, err := json.Marshal(manifest)
	if err != nil {
		b.Fatal(err)
	}
	noise := make([]byte, size)
	if _, err := rand.NewChaCha8([32]byte([]byte(fmt.Sprintf("%-32s", version)))).Read(noise); err != nil {
		b.Fatal(err)
	}
	var tgz bytes.Buffer
	z, err := gzip.NewWriterLevel(&tgz, gzip.NoCompression)
	if err != nil {
		b.Fatal(err)
	}
	t := tar.NewWriter(z)
	for _, f := range []struct {
		name string
		body []byte
	}{{"package/package.json", text}, {"package/noise", noise}} {
		if err := t.WriteHeader(&tar.Header{Name: f.name, Mode: 0o644, Size: int64(len(f.body))}); err != nil {
			b.Fatal(err)
		}
		t.Write(f.body) //nolint:errcheck // a buffer takes everything
	}
	t.Close()
	z.Close()
	d, err := json.Marshal(map[string]any{
		"_id": "@perf/widget", "name": "@perf/widget", "dist-tags": map[string]string{"latest": version},
		"versions": map[string]any{version: manifest},
		"_attachments": map[string]any{"widget.tgz": map[string]any{
			"data": tgz.Bytes(), "length": tgz.Len(),
		}},
	})
	if err != nil {
		b.Fatal(err)
	}
	return d
}
