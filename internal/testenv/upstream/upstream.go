// Package upstream is a public registry on loopback for tests: it serves what
// it is told, in the shapes of the real ones, counts what it is asked, and
// misbehaves on demand. It knows nobody and checks nothing.
package upstream

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
)

// Server is a registry.
type Server struct {
	URL  string // without a slash at the end
	Host string // HOST:PORT

	mu     sync.Mutex // guards what follows
	files  map[string]file
	asked  map[string]int
	fault  Fault
	silent bool // sends no validators
}

type file struct {
	contentType string
	body        []byte
	at          time.Time
}

// Fault answers a request in the place of the registry, if it returns true.
type Fault func(http.ResponseWriter, *http.Request) bool

// Loopback is the network that a test must allow.
var Loopback = []netip.Prefix{netip.PrefixFrom(netip.AddrFrom4([4]byte{127}), 8)}

// New starts a registry without anything in it, which stops when t ends.
func New(t testing.TB) *Server {
	s := &Server{files: map[string]file{}, asked: map[string]int{}}
	web := httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(web.Close)
	s.URL, s.Host = web.URL, strings.TrimPrefix(web.URL, "http://")
	return s
}

// Put serves a file at a path, with a slash at its start.
func (s *Server) Put(path, contentType string, body []byte, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[path] = file{contentType, body, at}
}

// Remove serves a path no longer.
func (s *Server) Remove(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.files, path)
}

// Break lets f answer from now on; nil mends the registry.
func (s *Server) Break(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Silence lets the registry send no validators.
func (s *Server) Silence() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silent = true
}

// Asked returns how often a path was asked for; METHOD PATH tells methods
// apart.
func (s *Server) Asked(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[path]
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	path, err := url.PathUnescape(r.URL.EscapedPath())
	if err != nil {
		path = r.URL.Path
	}
	s.mu.Lock()
	s.asked[path]++
	s.asked[r.Method+" "+path]++
	f, ok := s.files[path]
	fault, silent := s.fault, s.silent
	s.mu.Unlock()
	if fault != nil && fault(w, r) {
		return
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	at := f.at
	if silent {
		at = time.Time{}
	} else {
		sum := sha256.Sum256(f.body)
		h.Set("ETag", `"`+hex.EncodeToString(sum[:8])+`"`)
	}
	if r.Header.Get("Accept-Encoding") == "gzip" && r.Header.Get("If-None-Match") == "" && !silent && r.Method == http.MethodGet {
		h.Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		z.Write(f.body) //nolint:errcheck // the client has gone
		z.Close()       //nolint:errcheck // the same
		return
	}
	http.ServeContent(w, r, "", at, bytes.NewReader(f.body))
}
