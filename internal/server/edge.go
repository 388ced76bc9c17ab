package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"larder.example/larder/internal/audit"
	"larder.example/larder/internal/token"
)

// edge is where every request comes in and every answer goes out: it gives
// the request its ID and its event, and afterwards writes the log line, the
// audit record and the metrics, each once.
type edge struct {
	next    func(http.ResponseWriter, *http.Request, *audit.Event)
	proxies []netip.Prefix
	audit   *audit.Log
	metrics *metrics // nil counts nothing
	log     *slog.Logger
	ledger  *ledger
	now     func() time.Time
}

func (g *edge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e := &audit.Event{ID: newRequestID(), At: g.now(), Service: "codeartifact", Agent: r.UserAgent()}
	g.origin(e, r)
	w.Header()[requestIDHeader] = []string{e.ID}
	a := &answer{ResponseWriter: w, event: e, before: g.record}
	defer g.done(a, e, r)
	g.next(a, r, e)
}

// requestIDHeader is AWS's, as net/http spells it.
const requestIDHeader = "X-Amzn-Requestid"

// record writes the record of a change before it is answered. It sees every
// event once, when all is known but how long the answer is.
func (g *edge) record(e *audit.Event) error {
	redact(e)
	e.Refusal = refusal(e.Err)
	if e.Name == "" { // it asked for nothing that there is
		e.Name, e.Read = "UnknownOperation", true
	}
	if e.Read {
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
			e.Status, e.Err = http.StatusInternalServerError, fmt.Errorf("panic: %v", p)
			if err := g.record(e); err != nil {
				e.Err = errors.Join(e.Err, err)
			}
		} else {
			a.WriteHeader(http.StatusOK)
		}
	}
	g.metrics.observe(e, took)
	done := entry{event: e, method: r.Method, path: pathOf(e, r), took: took}
	// What package managers read can wait; what else happens is rare, and
	// looked for at once.
	if !e.Read || e.Method == "" || e.Status >= http.StatusInternalServerError || !g.ledger.take(done) {
		g.write(done)
	}
}

// write writes the record of a read and the log line.
func (g *edge) write(done entry) {
	if done.event.Read {
		g.audit.Queue(done.event)
	}
	g.line(done)
}

// line writes the log line. It makes the record itself: slog's way would look
// for the caller, who is always the same.
func (g *edge) line(done entry) {
	e, level := done.event, slog.LevelInfo
	if e.Status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	ctx := context.Background() // the request's may be over
	if !g.log.Enabled(ctx, level) {
		return
	}
	record := slog.NewRecord(e.At.Add(done.took), level, "request", 0)
	record.AddAttrs(
		slog.String("id", e.ID), slog.String("op", e.Service+":"+e.Name), slog.String("principal", e.Caller.ARN),
		slog.String("method", done.method), slog.String("path", done.path), slog.Int("status", e.Status),
		slog.Int64("bytes", e.Bytes), slog.Float64("ms", float64(done.took.Microseconds())/1000), slog.String("addr", e.Addr.String()))
	if e.Code != "" {
		record.AddAttrs(slog.String("code", e.Code))
	}
	if e.Err != nil {
		record.AddAttrs(slog.String("err", token.Redact(e.Err.Error()))) // it may repeat the request
	}
	g.log.Handler().Handle(ctx, record) //nolint:errcheck // a log that cannot be written is no reason not to serve
}

// pathOf returns the path of a request without what may be secret. The query
// string is never logged: of a presigned request it holds the signature.
func pathOf(e *audit.Event, r *http.Request) string {
	if e.Path != "" {
		return e.Path
	}
	return token.Redact(r.URL.EscapedPath())
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
