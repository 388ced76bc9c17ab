// Package operation carries an operation of a service as the command line
// does: with values that keep what they are told, in order, and not with the
// structs that the server binds to, because what is printed must tell 1 from
// 1.0, absent from empty and the members that came from those that did not.
// The shapes are those of the generated types, so there is one truth about
// the wire.
//
// It names operations and options, checks parameters with botocore's
// messages, encodes requests, and decodes answers and failures of both
// protocols. It sends nothing and prints nothing.
package operation

import (
	"reflect"
	"slices"
	"strings"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/api/larder"
	"larder.example/larder/internal/api/sts"
	"larder.example/larder/internal/wire"
)

// Service is a service with a model.
type Service struct {
	Name string // as it is typed and signed
	each func(func(op wire.Info, in, out reflect.Type))
}

// services are those with a model, in the order of help.
var services = [...]Service{
	{"codeartifact", codeartifact.Each},
	{"iam", iam.Each},
	{"larder", larder.Each},
	{"sts", sts.Each},
}

// Services returns the services that there are models of.
func Services() []Service { return services[:] }

// FindService returns the service of that name.
func FindService(name string) (Service, bool) {
	for _, s := range services {
		if s.Name == name {
			return s, true
		}
	}
	return Service{}, false
}

// Commands returns the names of all operations as they are typed, in the
// order of the model.
func (s Service) Commands() []string {
	var names []string
	s.each(func(op wire.Info, _, _ reflect.Type) { names = append(names, Hyphenate(op.Name)) })
	return names
}

// Find returns the operation that is typed as command, or whose name it is.
func (s Service) Find(command string) (*Operation, error) {
	var found *Operation
	var err error
	s.each(func(op wire.Info, in, out reflect.Type) {
		if err == nil && found == nil && (op.Name == command || Hyphenate(op.Name) == command) {
			found, err = newOperation(op, in, out)
		}
	})
	return found, err
}

// Operation is an operation and what it takes and answers.
type Operation struct {
	wire.Info
	In, Out *wire.Shape
}

func newOperation(op wire.Info, in, out reflect.Type) (*Operation, error) {
	o := &Operation{Info: op}
	var err error
	if o.In, err = wire.ReadShape(in); err != nil {
		return nil, err
	}
	if o.Out, err = wire.ReadShape(out); err != nil {
		return nil, err
	}
	o.order()
	if o.Pages == (wire.Pages{}) && op.Version != "" {
		o.Pages = markerPages(o)
	}
	return o, nil
}

// ordered are the answers whose members STS sends in another order than that
// of its model, in which the AWS CLI prints them. Our types have the former.
var ordered = [...]struct {
	operation string
	members   []string
}{
	{"AssumeRole", []string{"Credentials", "AssumedRoleUser", "PackedPolicySize", "SourceIdentity"}},
	{"GetCallerIdentity", []string{"UserId", "Account", "Arn"}},
}

// order puts the members of the answer in the order of the service's model.
func (o *Operation) order() {
	for _, row := range ordered {
		if o.Service == "sts" && o.Name == row.operation {
			slices.SortStableFunc(o.Out.Members, func(a, b wire.Member) int {
				return slices.Index(row.members, a.Wire) - slices.Index(row.members, b.Wire)
			})
		}
	}
}

// markerPages returns how IAM pages: every listing that takes a Marker answers
// whether it IsTruncated. The models here do not say so.
func markerPages(o *Operation) wire.Pages {
	if o.Member(o.In, "Marker") == nil || o.Member(o.In, "MaxItems") == nil {
		return wire.Pages{}
	}
	p := wire.Pages{Input: "Marker", Output: "Marker", Limit: "MaxItems"}
	var lists, others []string
	for i := range o.Out.Members {
		switch m := &o.Out.Members[i]; {
		case m.Shape.Kind == wire.List:
			lists = append(lists, o.NameOf(m))
		case m.Wire != "IsTruncated" && m.Wire != "Marker":
			others = append(others, o.NameOf(m))
		}
	}
	p.Result, p.Others = strings.Join(lists, ","), strings.Join(others, ",")
	return p
}

// NameOf returns a member's name as the service's model spells it: the query
// protocol's are on the wire as they are, the others begin small.
func (o *Operation) NameOf(m *wire.Member) string {
	if o.Version != "" {
		return m.Wire
	}
	return m.Name
}

// Member returns the member of a structure that is called so, or nil.
func (o *Operation) Member(s *wire.Shape, name string) *wire.Member {
	for i := range s.Members {
		if o.NameOf(&s.Members[i]) == name {
			return &s.Members[i]
		}
	}
	return nil
}

// Stream returns the member of a structure that is the body, or nil.
func Stream(s *wire.Shape) *wire.Member {
	for i := range s.Members {
		if s.Members[i].In == wire.Payload {
			return &s.Members[i]
		}
	}
	return nil
}

// Hyphenate spells the name of an operation or member as it is typed, by
// botocore's rules: "ListMFADevices" is "list-mfa-devices".
func Hyphenate(name string) string {
	const hyphen = '-'
	b := make([]byte, 0, len(name)+8)
	for i := 0; i < len(name); {
		b = append(b, name[i])
		i++
		if i+1 >= len(name) || !upper(name[i]) || !lower(name[i+1]) {
			continue
		}
		b = append(b, hyphen, name[i])
		for i++; i < len(name) && lower(name[i]); i++ {
			b = append(b, name[i])
		}
	}
	out := make([]byte, 0, len(b)+4)
	for i, c := range b {
		if i > 0 && upper(c) && (lower(b[i-1]) || '0' <= b[i-1] && b[i-1] <= '9') {
			out = append(out, hyphen)
		}
		out = append(out, c)
	}
	return strings.ToLower(string(out))
}

func upper(c byte) bool { return 'A' <= c && c <= 'Z' }
func lower(c byte) bool { return 'a' <= c && c <= 'z' }
