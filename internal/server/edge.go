package server

import (
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"larder.example/larder/internal/audit"
	"larder.example/larder/internal/wire"
)

// edge is where every request comes in and every answer goes out: it gives
// the request its ID and its event, and afterwards writes the log line, the
// audit record and the metrics, each once.
type edge struct {
	next    http.Handler
	proxies []netip.Prefix
	audit   *audit.Log
	metrics *metrics // nil counts nothing
	log     *slog.Logger
	now     func() time.Time
}

func (g *edge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e := &audit.Event{ID: newRequestID(), At: g.now(), Service: "codeartifact", Agent: r.UserAgent()}
	g.origin(e, r)
	w.Header().Set("X-Amzn-Requestid", e.ID)
	ctx := wire.WithRequestID(audit.With(r.Context(), e), e.ID)
	a := &answer{ResponseWriter: w, event: e, before: g.record}
	defer g.done(a, e, r)
	g.next.ServeHTTP(a, r.WithContext(ctx))
}

// record writes the record of a change before it is answered.
func (g *edge) record(e *audit.Event) error {
	if e.Read || e.Name == "" {
		return nil
	}
	return g.audit.Write(e)
}

// done writes what is left to write. It runs also when the handler panicked,
// which it then goes on doing.
func (g *edge) done(a *answer, e *audit.Event, r *http.Request) {
	took := g.now().Sub(e.At)
	if !a.begun {
		if p := recover(); p != nil {
			defer panic(p)
			e.Status = http.StatusInternalServerError
		} else {
			a.WriteHeader(http.StatusOK)
		}
	}
	if e.Read && e.Name != "" {
		g.audit.Queue(e)
	}
	g.metrics.observe(e, took)
	level := slog.LevelInfo
	if e.Status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	if !g.log.Enabled(r.Context(), level) {
		return
	}
	attrs := [...]slog.Attr{
		slog.String("id", e.ID), slog.String("op", e.Service+":"+e.Name), slog.String("principal", e.Caller.ARN),
		slog.String("method", r.Method), slog.String("path", pathOf(e, r)), slog.Int("status", e.Status),
		slog.Int64("bytes", e.Bytes), slog.Float64("ms", float64(took.Microseconds())/1000),
		slog.String("addr", e.Addr.String()), slog.String("code", e.Code), slog.Any("err", e.Err),
	}
	n := len(attrs)
	for n > 9 && (attrs[n-1].Value.Any() == nil || attrs[n-1].Value.Any() == "") {
		n-- // nothing went wrong
	}
	g.log.LogAttrs(r.Context(), level, "request", attrs[:n]...)
}

// pathOf returns the path of a request without what may be secret. The query
// string is never logged: of a presigned request it holds the signature.
func pathOf(e *audit.Event, r *http.Request) string {
	if e.Path != "" {
		return e.Path
	}
	return r.URL.EscapedPath()
}

// origin finds where a request came from. What a proxy says counts only if
// it is a trusted one.
func (g *edge) origin(e *audit.Event, r *http.Request) {
	if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		e.Addr = peer.Addr().Unmap()
	}
	e.Secure = r.TLS != nil
	if !g.trusted(e.Addr) {
		return
	}
	if proto := r.Header.Get("X-Forwarded-Proto"); proto != "" {
		e.Secure = proto == "https"
	}
	if host := r.Header.Get("X-Forwarded-Host"); host != "" {
		r.Host = host
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && g.trusted(e.Addr); i-- { // from the nearest hop to the first that is not ours
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return
		}
		e.Addr = hop.Unmap()
	}
}

func (g *edge) trusted(a netip.Addr) bool {
	for _, p := range g.proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
