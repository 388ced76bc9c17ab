package server

import (
	"net/http/httptest"
	"strings"
	"testing"

	"larder.example/larder/internal/audit"
	"larder.example/larder/internal/registry"
)

func TestWhatChangedUpstreamIsCounted(t *testing.T) {
	m := newMetrics(&audit.Log{})
	for range 2 {
		m.drifted(registry.Drift{Connection: "public:npmjs"})
	}
	w := httptest.NewRecorder()
	m.handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	if want := `larder_upstream_changed_total{connection="public:npmjs"} 2`; !strings.Contains(w.Body.String(), want) {
		t.Errorf("got %s, want %s in it", w.Body, want)
	}
}
