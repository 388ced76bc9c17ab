package wire

import (
	"context"
	"reflect"
)

// HandleTypes is Handle for types that are known by reflection only.
func (m *Mux) HandleTypes(op Info, in, out reflect.Type, do func(ctx context.Context, in any) (any, error)) {
	m.handle(&route{op: op, in: in, out: out, do: do})
}

// CallTypes is Call for values that are known by reflection only.
func (c *Client) CallTypes(ctx context.Context, op Info, in, out reflect.Value) error {
	return c.call(ctx, op, in, out)
}

// ShapeOf reads the shape of a type.
func ShapeOf(t reflect.Type) (*Shape, error) {
	var c shapes
	return c.of(t)
}

// FromJava translates a pattern.
func FromJava(java string) (string, error) { return fromJava(java) }
