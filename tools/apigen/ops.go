package main

import (
	"bytes"
	"fmt"
	"strings"
)

// emitOps writes the values of a model's operations. They are literals:
// declaring them costs nothing when a program starts.
func emitOps(m *model) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("// The operations.\nvar (")
	for i := range m.Operations {
		op := &m.Operations[i]
		fmt.Fprintf(&b, "\n\t// %s is %s.\n", op.Name, m.described(op))
		fmt.Fprintf(&b, "\t%[1]s = wire.Op[%[1]sInput, %[1]sOutput]{\n\t\t%[2]s,\n\t}\n", op.Name, m.info(op))
	}
	b.WriteString(")\n\n// Ops are all the operations, in the order of the model.\nvar Ops = [...]wire.Info{\n")
	for i := range m.Operations {
		fmt.Fprintf(&b, "\twire.Info(%s),\n", m.Operations[i].Name)
	}
	b.WriteString("}\n\n// Each calls f for every operation with the types that it takes and answers.\n")
	b.WriteString("func Each(f func(op wire.Info, in, out reflect.Type)) {\n")
	for i := range m.Operations {
		fmt.Fprintf(&b, "\tf(wire.Info(%[1]s), reflect.TypeFor[%[1]sInput](), reflect.TypeFor[%[1]sOutput]())\n", m.Operations[i].Name)
	}
	b.WriteString("}\n")
	return source(m.service(), b.Bytes(), []string{"reflect"}, []string{"larder.example/larder/internal/wire"})
}

// described says how the operation is asked for.
func (m *model) described(op *operation) string {
	if m.Metadata.Protocol == query {
		return "the action " + op.Name + " of version " + m.Metadata.APIVersion
	}
	return op.Method + " " + op.RequestURI
}

// info returns the fields of an operation's wire.Info.
func (m *model) info(op *operation) string {
	var b bytes.Buffer
	method, path := op.Method, op.RequestURI
	if m.Metadata.Protocol == query {
		method, path = "POST", "/"
	}
	fmt.Fprintf(&b, "Service: %q, Name: %q, Method: %q, Path: %q", m.service(), op.Name, method, path)
	if m.Metadata.Protocol == query {
		fmt.Fprintf(&b, ", Version: %q", m.Metadata.APIVersion)
	}
	if op.Result != "" {
		fmt.Fprintf(&b, ", Result: %q", op.Result)
	}
	if op.AuthType == "none" {
		b.WriteString(", Unsigned: true")
	}
	if m.sensitive(op) {
		b.WriteString(", Sensitive: true")
	}
	if m.streams(op) {
		b.WriteString(", Streams: true")
	}
	if p := op.Paginator; p != nil {
		fmt.Fprintf(&b, ", Pages: wire.Pages{Input: %q, Output: %q, Limit: %q, Result: %q", p.InputToken, p.OutputToken, p.LimitKey, p.ResultKey)
		if p.NonAggr != nil {
			fmt.Fprintf(&b, ", Others: %q", strings.Join(p.NonAggr, ","))
		}
		b.WriteString("}")
	}
	return b.String()
}

// sensitive reports whether the operation's answer holds a secret.
func (m *model) sensitive(op *operation) bool {
	secret := op.Sensitive
	m.reach(op.Output, func(_ string, x *member) { secret = secret || x.Constraints.Sensitive })
	return secret
}

// streams reports whether the operation's request has a payload.
func (m *model) streams(op *operation) bool {
	for i := range op.Input {
		if op.Input[i].Location == "payload" {
			return true
		}
	}
	return false
}
