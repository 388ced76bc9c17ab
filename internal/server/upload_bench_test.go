package server

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
)

// BenchmarkDeploy is a durable upload of a file of 20 KB to a Maven version,
// from the edge in.
func BenchmarkDeploy(b *testing.B) {
	s, bearer := benchServer(b)
	base := "/maven/d/team-" + benchAccount(b, s) + "/app/com/perf/widget/"
	body := make([]byte, 20<<10)
	random := rand.NewChaCha8([32]byte{})
	b.ReportAllocs()
	w := &nowhere{header: http.Header{}}
	for i := 0; b.Loop(); i++ {
		random.Read(body) //nolint:errcheck // never fails
		clear(w.header)
		path := fmt.Sprintf("%s1.0.%d/widget-1.0.%[2]d-f%[3]d.bin", base, i/20, i%20)
		s.handler.ServeHTTP(w, benchRequest(b, http.MethodPut, path, bearer, body))
		if w.status != http.StatusCreated && w.status != http.StatusOK {
			b.Fatal(w.status)
		}
	}
}
