package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// emitBotocore writes a model in the form of botocore's service-2.json, which
// "aws configure add-model" takes. There each member has a shape of its own,
// so that constraints stay with it.
func emitBotocore(m *model) ([]byte, error) {
	if m.Metadata.Protocol != restJSON {
		return nil, fmt.Errorf("a service of ours that speaks %s", m.Metadata.Protocol)
	}
	b := botocore{model: m, shapes: map[string]object{}}
	meta := object{
		{"apiVersion", m.Metadata.APIVersion},
		{"endpointPrefix", m.Metadata.EndpointPrefix},
		{"protocol", m.Metadata.Protocol},
		{"serviceFullName", m.Metadata.ServiceFullName},
		{"serviceId", m.Metadata.ServiceID},
		{"signatureVersion", m.Metadata.SignatureVersion},
		{"signingName", m.Metadata.SigningName},
		{"uid", m.Metadata.UID},
		{"auth", m.Metadata.Auth},
	}
	var operations object
	for i := range m.Operations {
		o, err := b.operation(&m.Operations[i])
		if err != nil {
			return nil, fmt.Errorf("operation %s: %w", m.Operations[i].Name, err)
		}
		operations = append(operations, pair{m.Operations[i].Name, o})
	}
	for name, members := range m.Structures {
		b.structure(name, members)
	}
	var shapes object
	for _, name := range slices.Sorted(maps.Keys(b.shapes)) {
		shapes = append(shapes, pair{name, b.shapes[name]})
	}
	text, err := json.Marshal(object{{"version", "2.0"}, {"metadata", meta}, {"operations", operations}, {"shapes", shapes}})
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// botocore collects the shapes of a model.
type botocore struct {
	*model
	shapes map[string]object
}

func (b *botocore) operation(op *operation) (object, error) {
	var failures []struct {
		Name   string `json:"name"`
		Status int    `json:"httpStatus"`
	}
	if err := json.Unmarshal(op.Errors, &failures); err != nil {
		return nil, fmt.Errorf("errors: %w", err)
	}
	b.structure(op.Name+"Input", op.Input)
	b.structure(op.Name+"Output", op.Output)
	var errors []object
	for _, f := range failures {
		errors = append(errors, object{{"shape", f.Name}})
		b.shapes["ErrorMessage"] = object{{"type", "string"}}
		b.shapes[f.Name] = object{
			{"type", "structure"},
			{"members", object{{"message", object{{"shape", "ErrorMessage"}}}}},
			{"error", object{{"httpStatusCode", f.Status}}},
			{"exception", true},
		}
	}
	return object{
		{"name", op.Name},
		{"http", object{{"method", op.Method}, {"requestUri", op.RequestURI}, {"responseCode", op.Code}}},
		{"input", object{{"shape", op.Name + "Input"}}},
		{"output", object{{"shape", op.Name + "Output"}}},
		{"errors", errors},
		{"documentation", op.About},
	}, nil
}

func (b *botocore) structure(name string, members []member) {
	required := []string{}
	all := object{}
	for i := range members {
		x := &members[i]
		reference := object{{"shape", b.shape(name+x.goName(), x.Type, &x.Constraints)}}
		if x.Location == "body" {
			reference = append(reference, pair{"locationName", x.WireName})
		} else {
			reference = append(reference, pair{"location", x.Location}, pair{"locationName", x.WireName})
		}
		reference = append(reference, pair{"documentation", x.About})
		all = append(all, pair{x.Name, reference})
		if x.Required {
			required = append(required, x.Name)
		}
	}
	shape := object{{"type", "structure"}}
	if len(required) > 0 {
		shape = append(shape, pair{"required", required})
	}
	b.shapes[name] = append(shape, pair{"members", all})
}

// shape makes a shape of that name for a type, unless the type is a structure,
// and returns what the shape is called.
func (b *botocore) shape(name, t string, c *constraint) string {
	if _, ok := b.Structures[t]; ok {
		return t
	}
	var shape object
	if elem, ok := listOf(t); ok {
		shape = object{{"type", "list"}, {"member", object{{"shape", b.shape(name+"Member", elem, orNone(c.Member))}}}}
	} else if value, ok := mapOf(t); ok {
		shape = object{
			{"type", "map"},
			{"key", object{{"shape", b.shape(name+"Key", "string", orNone(c.Key))}}},
			{"value", object{{"shape", b.shape(name+"Value", value, orNone(c.Value))}}},
		}
	} else {
		shape = object{{"type", t}}
	}
	if c.Max != nil {
		shape = append(shape, pair{"max", *c.Max})
	}
	if c.Min != nil {
		shape = append(shape, pair{"min", *c.Min})
	}
	if c.Pattern != "" {
		shape = append(shape, pair{"pattern", c.Pattern})
	}
	if c.Enum != nil {
		shape = append(shape, pair{"enum", c.Enum})
	}
	if c.Sensitive {
		shape = append(shape, pair{"sensitive", true})
	}
	b.shapes[name] = shape
	return name
}

func orNone(c *constraint) *constraint {
	if c == nil {
		return &constraint{}
	}
	return c
}

// object is a JSON object whose members stay in order: AWS's command line
// prints answers in that of the model.
type object []pair

type pair struct {
	name  string
	value any
}

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, p := range o {
		if i > 0 {
			b = append(b, ',')
		}
		value, err := json.Marshal(p.value)
		if err != nil {
			return nil, err
		}
		b = strconv.AppendQuote(b, p.name)
		b = append(append(b, ':'), value...)
	}
	return append(b, '}'), nil
}
