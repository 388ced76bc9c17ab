package wire

import (
	"context"
	"fmt"
	"net/http"
	"reflect"

	"larder.example/larder"
)

// Mux serves the operations of one protocol. Operations are registered with
// [Handle] before it serves.
type Mux struct {
	Protocol Protocol

	// Authenticate finds out who asks. It is called for every operation that
	// is not Unsigned, after the operation is known and before anything is
	// made of the request. body is the whole body, nil if the operation
	// streams; then Authenticate may replace r.Body by one that checks what
	// passes. It returns the context that the handler gets, which is made
	// from r's, and the parameters of the query as they were signed, so that
	// the handler is told what was signed and nothing else; nil if it did not
	// decode them. Nil lets everyone in.
	Authenticate func(r *http.Request, op Info, body []byte) (context.Context, []Pair, error)

	// Observe is told what became of every request before that is answered,
	// and once more if the answer could not be finished. ctx is the one that
	// the handler got. Nil observes nothing.
	Observe func(ctx context.Context, e Event)

	shapes shapes
	routes map[Key]*route
}

// Event is what became of a request.
type Event struct {
	Op  Info          // zero if there is no such operation
	In  any           // pointer to the input; nil if the request did not get that far
	Out any           // pointer to the output; nil if there is none
	Err *larder.Error // nil if the request succeeded

	Exception string // what the model calls the failure
}

type route struct {
	op      Info
	in, out reflect.Type
	do      func(ctx context.Context, in any) (any, error)
}

// Handle makes do answer the requests for op. It panics if something already
// does.
func Handle[In, Out any](m *Mux, op Op[In, Out], do func(context.Context, *In) (*Out, error)) {
	m.handle(&route{
		op:  Info(op),
		in:  reflect.TypeFor[In](),
		out: reflect.TypeFor[Out](),
		do: func(ctx context.Context, in any) (any, error) {
			out, err := do(ctx, in.(*In))
			if err != nil {
				return nil, err
			}
			if out == nil {
				out = new(Out)
			}
			return out, nil
		},
	})
}

func (m *Mux) handle(rt *route) {
	key := rt.op.key()
	if other, ok := m.routes[key]; ok {
		panic(fmt.Sprintf("wire: %s and %s are one request", other.op.Action(), rt.op.Action()))
	}
	if m.routes == nil {
		m.routes = make(map[Key]*route)
	}
	m.routes[key] = rt
}

// Handles reports whether something answers the requests for op.
func (m *Mux) Handles(op Info) bool {
	rt, ok := m.routes[op.key()]
	return ok && rt.op.Action() == op.Action()
}

// ServeHTTP answers a request. A failure after the answer has begun cuts the
// connection, so that no client takes half an answer for a whole one.
func (m *Mux) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	c := call{mux: m, request: Request{HTTP: hr}}
	out, err := c.run()
	if err != nil {
		c.event.Err = larder.AsError(err)
		c.observe()
		m.Protocol.Fail(w, &c.request, c.event.Err)
		return
	}
	c.observe()
	if err := m.Protocol.Respond(w, &c.request, out, reflect.ValueOf(c.event.Out).Elem()); err != nil {
		c.event.Err = c.cut(err)
		c.observe()
		panic(http.ErrAbortHandler) // net/http's way of cutting the connection
	}
}

// call is one request on its way to its handler.
type call struct {
	mux     *Mux
	request Request
	event   Event
}

// run takes the request through its handler and returns the shape of the
// output. The order of the steps is observable: it decides which of several
// failures a client sees.
func (c *call) run() (*Shape, error) {
	rt, err := c.route()
	if err != nil {
		return nil, err
	}
	if !rt.op.Streams {
		if err := c.request.Buffer(); err != nil {
			return nil, err
		}
	}
	if err := c.authenticate(rt); err != nil {
		return nil, err
	}
	if err := c.bind(rt); err != nil {
		return nil, err
	}
	out, err := c.mux.shapes.of(rt.out)
	if err != nil {
		return nil, err
	}
	c.event.Out, err = rt.do(c.request.HTTP.Context(), c.event.In)
	return out, err
}

func (c *call) route() (*route, error) {
	key, err := c.mux.Protocol.Route(&c.request)
	if err != nil {
		return nil, err
	}
	rt, ok := c.mux.routes[key]
	if !ok {
		return nil, &larder.Error{
			Kind:    larder.NotFound,
			Code:    larder.CodeUnknownOperation,
			Message: "Could not find operation " + key.String(),
		}
	}
	c.request.Op, c.event.Op = rt.op, rt.op
	return rt, nil
}

func (c *call) authenticate(rt *route) error {
	m, r := c.mux, &c.request
	if m.Authenticate == nil || rt.op.Unsigned {
		return r.ParseQuery()
	}
	ctx, query, err := m.Authenticate(r.HTTP, rt.op, r.Body)
	if err != nil {
		return err
	}
	r.HTTP = r.HTTP.WithContext(ctx)
	if query == nil {
		return r.ParseQuery()
	}
	r.Query = query
	// A query that names the operation was read once to find it and once to
	// verify it. If the two differ, the caller signed something else.
	if key, err := m.Protocol.Route(r); err != nil || key != rt.op.key() {
		return &larder.Error{
			Kind:    larder.Unauthenticated,
			Code:    larder.CodeInvalidSignature,
			Message: "The operation that was signed is not the one that was asked for.",
			Err:     err,
		}
	}
	return nil
}

func (c *call) bind(rt *route) error {
	s, err := c.mux.shapes.of(rt.in)
	if err != nil {
		return err
	}
	in := reflect.New(rt.in)
	zeros, err := c.mux.Protocol.Bind(&c.request, s, in.Elem())
	if err != nil {
		return err
	}
	c.event.In = in.Interface()
	return Validate(s, in.Elem(), zeros)
}

// cut returns the failure of an answer that could not be finished. That the
// client left is nothing that we did.
func (c *call) cut(err error) *larder.Error {
	err = fmt.Errorf("send the answer to %s: %w", c.event.Op.Action(), err)
	if c.request.HTTP.Context().Err() != nil {
		return &larder.Error{Kind: larder.Unavailable, Message: "The client left before it had the answer.", Err: err}
	}
	return larder.AsError(err)
}

func (c *call) observe() {
	if c.mux.Observe != nil {
		if c.event.Err != nil {
			c.event.Exception = c.mux.Protocol.Name(c.event.Err)
		}
		c.mux.Observe(c.request.HTTP.Context(), c.event)
	}
}
