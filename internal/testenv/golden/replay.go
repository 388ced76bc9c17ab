package golden

import (
	"fmt"
	"io"
	"net/http"
	"sync"
)

// Replay answers requests with what was recorded, as long as they are those
// that were recorded.
type Replay struct {
	mu        sync.Mutex // guards what is below
	exchanges []Exchange
	wrong     []string
}

// Expect sets the exchanges that are to come.
func (p *Replay) Expect(exchanges []Exchange) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.exchanges, p.wrong = exchanges, nil
}

// Wrong says which requests were not as recorded, and which did not come.
func (p *Replay) Wrong() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	wrong := p.wrong
	for _, e := range p.exchanges {
		wrong = append(wrong, "no request: "+e.Request)
	}
	return wrong
}

// ServeHTTP implements http.Handler.
func (p *Replay) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	got := Described(r, body)
	if err != nil || len(p.exchanges) == 0 {
		p.wrong = append(p.wrong, fmt.Sprintf("got %s, %v, want no request", got, err))
		w.WriteHeader(http.StatusTeapot)
		return
	}
	e := p.exchanges[0]
	p.exchanges = p.exchanges[1:]
	if got != e.Request {
		p.wrong = append(p.wrong, fmt.Sprintf("got the request %s\nwant %s", got, e.Request))
	}
	e.Answer.Write(w)
}

// Write answers a request.
func (a Answer) Write(w http.ResponseWriter) {
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.Status)
	io.WriteString(w, a.Body)
}
