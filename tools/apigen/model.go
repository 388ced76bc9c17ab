package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"larder.example/larder/internal/wire"
)

// model is a service model: shapes only, no prose. Every key that a model may
// have is here, read or not, because an unknown one is refused.
type model struct {
	GeneratedFrom string   `json:"generatedFrom"`
	Notes         []string `json:"notes"`
	Botocore      bool     `json:"botocore"` // a service that botocore has no model of
	Metadata      struct {
		APIVersion       string   `json:"apiVersion"`
		EndpointPrefix   string   `json:"endpointPrefix"`
		Protocol         string   `json:"protocol"`
		ServiceFullName  string   `json:"serviceFullName"`
		ServiceID        string   `json:"serviceId"`
		SignatureVersion string   `json:"signatureVersion"`
		SigningName      string   `json:"signingName"`
		UID              string   `json:"uid"`
		Auth             []string `json:"auth"`
		XMLNamespace     string   `json:"xmlNamespace"`
	} `json:"metadata"`
	OperationCount int                 `json:"operationCount"`
	Operations     []operation         `json:"operations"`
	Errors         json.RawMessage     `json:"errors"` // internal/wire has the names of failures
	Structures     map[string][]member `json:"structures"`
	Enums          json.RawMessage     `json:"enums"` // repeated where they are used
}

type operation struct {
	Name        string          `json:"name"`
	Method      string          `json:"method"`
	RequestURI  string          `json:"requestUri"`
	Code        int             `json:"responseCode"`
	About       string          `json:"documentation"` // of our own services: nobody else writes their manual
	InputShape  string          `json:"inputShape"`
	OutputShape string          `json:"outputShape"`
	Input       []member        `json:"input"`
	Output      []member        `json:"output"`
	HasJSON     bool            `json:"requestHasJsonBody"`
	Sensitive   bool            `json:"outputSensitive"`
	Idempotent  bool            `json:"idempotent"` // nothing depends on it
	Errors      json.RawMessage `json:"errors"`
	Paginator   *paginator      `json:"paginator"`
	Result      string          `json:"resultWrapper"`
	AuthType    string          `json:"authtype"`
}

type paginator struct {
	InputToken  string   `json:"inputToken"`
	OutputToken string   `json:"outputToken"`
	LimitKey    string   `json:"limitKey"`
	ResultKey   string   `json:"resultKey"`
	NonAggr     []string `json:"nonAggregateKeys"`
}

type member struct {
	Name        string     `json:"name"`
	Location    string     `json:"location"`
	WireName    string     `json:"wireName"`
	Type        string     `json:"type"`
	Shape       string     `json:"shape"`
	Required    bool       `json:"required"`
	Constraints constraint `json:"constraints"`
	About       string     `json:"documentation"`
}

type constraint struct {
	Min             *int64      `json:"min"`
	Max             *int64      `json:"max"`
	Pattern         string      `json:"pattern"`
	Enum            []string    `json:"enum"`
	Sensitive       bool        `json:"sensitive"`
	Streaming       bool        `json:"streaming"`
	TimestampFormat string      `json:"timestampFormat"`
	Member          *constraint `json:"member"`
	Key             *constraint `json:"key"`
	Value           *constraint `json:"value"`
}

// The protocols of models.
const (
	restJSON = "rest-json"
	query    = "query"
)

// service returns the service's name as it stands in actions and signatures.
func (m *model) service() string { return strings.ToLower(m.Metadata.ServiceID) }

func parseModel(raw []byte) (*model, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	m := new(model)
	if err := d.Decode(m); err != nil {
		return nil, err
	}
	if p := m.Metadata.Protocol; p != restJSON && p != query {
		return nil, fmt.Errorf("unknown protocol %q", p)
	}
	if m.OperationCount != len(m.Operations) {
		return nil, fmt.Errorf("%d operations, but operationCount is %d", len(m.Operations), m.OperationCount)
	}
	names := map[string]bool{"Ops": true, "Names": true, "Each": true}
	claim := func(name string) error {
		if names[name] {
			return fmt.Errorf("two things are called %s", name)
		}
		names[name] = true
		return nil
	}
	for _, op := range m.Operations {
		for _, name := range []string{op.Name, op.Name + "Input", op.Name + "Output"} {
			if err := claim(name); err != nil {
				return nil, err
			}
		}
		if err := m.checkOperation(&op); err != nil {
			return nil, fmt.Errorf("operation %s: %w", op.Name, err)
		}
	}
	for name, members := range m.Structures {
		if err := claim(name); err != nil {
			return nil, err
		}
		if err := m.checkMembers(members); err != nil {
			return nil, fmt.Errorf("structure %s: %w", name, err)
		}
	}
	return m, m.checkInputs()
}

// checkInputs refuses what nothing would check in an input: internal/wire
// looks into lists of structures, but no deeper into lists and maps.
func (m *model) checkInputs() error {
	var err error
	for _, op := range m.Operations {
		m.reach(op.Input, func(_ string, x *member) {
			list, isList := listOf(x.Type)
			value, isMap := mapOf(x.Type)
			_, structures := m.Structures[value]
			if isList && strings.Contains(list, "<") || isMap && (structures || strings.Contains(value, "<")) {
				err = fmt.Errorf("operation %s: member %s: nothing checks a %s", op.Name, x.Name, x.Type)
			}
		})
	}
	return err
}

func (m *model) checkOperation(op *operation) error {
	if err := m.checkMembers(op.Input); err != nil {
		return err
	}
	if err := m.checkMembers(op.Output); err != nil {
		return err
	}
	if op.AuthType != "" && op.AuthType != "v4" && op.AuthType != "none" {
		return fmt.Errorf("unknown authtype %q", op.AuthType)
	}
	if m.Metadata.Protocol == query {
		if op.Result != "" && op.Result != op.Name+"Result" {
			return fmt.Errorf("unexpected resultWrapper %q", op.Result)
		}
		return nil
	}
	if op.Method == "" || !strings.HasPrefix(op.RequestURI, "/") || strings.ContainsAny(op.RequestURI, "{}?%") {
		return fmt.Errorf("unknown request line %s %s", op.Method, op.RequestURI)
	}
	if op.Code != 200 {
		return fmt.Errorf("unknown response code %d", op.Code)
	}
	hasJSON := slices.ContainsFunc(op.Input, func(x member) bool { return x.Location == "body" })
	if op.HasJSON != hasJSON {
		return fmt.Errorf("requestHasJsonBody is %t, but its members say %t", op.HasJSON, hasJSON)
	}
	return nil
}

func (m *model) checkMembers(members []member) error {
	seen := make(map[string]bool)
	for i := range members {
		x := &members[i]
		if seen[x.goName()] {
			return fmt.Errorf("two members are called %s", x.Name)
		}
		seen[x.goName()] = true
		if err := m.checkMember(x); err != nil {
			return fmt.Errorf("member %s: %w", x.Name, err)
		}
	}
	return nil
}

func (m *model) checkMember(x *member) error {
	switch x.Location {
	case "querystring", "header", "body":
	case "payload":
		if !x.Constraints.Streaming {
			return fmt.Errorf("a payload that is no stream")
		}
	case "":
		if m.Metadata.Protocol != query {
			return fmt.Errorf("no location")
		}
	default:
		return fmt.Errorf("unknown location %q", x.Location)
	}
	if x.Constraints.Streaming != (x.Location == "payload") {
		return fmt.Errorf("a stream that is no payload")
	}
	if f := x.Constraints.TimestampFormat; f != "" && f != "unixTimestamp" {
		return fmt.Errorf("unknown timestampFormat %q", f)
	}
	if err := m.checkType(x.Type); err != nil {
		return err
	}
	return x.Constraints.check(x.Type)
}

func (m *model) checkType(t string) error {
	if elem, ok := listOf(t); ok {
		return m.checkType(elem)
	}
	if elem, ok := mapOf(t); ok {
		return m.checkType(elem)
	}
	switch t {
	case "string", "boolean", "integer", "long", "timestamp", "blob":
		return nil
	}
	if _, ok := m.Structures[t]; !ok {
		return fmt.Errorf("unknown type %q", t)
	}
	return nil
}

// check refuses a constraint that its type does not have a meaning for, and
// patterns that cannot be translated.
func (c *constraint) check(t string) error {
	list, isList := listOf(t)
	value, isMap := mapOf(t)
	number := t == "integer" || t == "long"
	switch {
	case (c.Min != nil || c.Max != nil) && !number && !isList && !isMap && t != "string":
		return fmt.Errorf("bounds on a %s", t)
	case (c.Pattern != "" || c.Enum != nil) && t != "string":
		return fmt.Errorf("a pattern or an enum on a %s", t)
	case c.Member != nil && !isList, (c.Key != nil || c.Value != nil) && !isMap:
		return fmt.Errorf("members of a %s", t)
	}
	for _, v := range c.Enum {
		if strings.Contains(v, ",") {
			return fmt.Errorf("a comma in the enum value %q", v)
		}
	}
	if c.Pattern != "" {
		if _, err := wire.MatchPattern(c.Pattern, ""); err != nil {
			return err
		}
	}
	for _, part := range []struct {
		c *constraint
		t string
	}{{c.Member, list}, {c.Key, "string"}, {c.Value, value}} {
		if part.c == nil {
			continue
		}
		if err := part.c.check(part.t); err != nil {
			return err
		}
	}
	return nil
}

// listOf returns T for list<T>.
func listOf(t string) (string, bool) {
	elem, ok := strings.CutPrefix(t, "list<")
	return strings.TrimSuffix(elem, ">"), ok
}

// mapOf returns T for map<string,T>.
func mapOf(t string) (string, bool) {
	elem, ok := strings.CutPrefix(t, "map<string,")
	return strings.TrimSuffix(elem, ">"), ok
}

// structureOf returns the structure that a type is made of, if it is one or a
// list or map of one.
func (m *model) structureOf(t string) (string, bool) {
	if elem, ok := listOf(t); ok {
		return m.structureOf(elem)
	}
	if elem, ok := mapOf(t); ok {
		return m.structureOf(elem)
	}
	_, ok := m.Structures[t]
	return t, ok
}

// reach calls f for the members and for all that they consist of, once for
// each structure.
func (m *model) reach(members []member, f func(structure string, x *member)) {
	seen := make(map[string]bool)
	var walk func(structure string, members []member)
	walk = func(structure string, members []member) {
		for i := range members {
			f(structure, &members[i])
			name, ok := m.structureOf(members[i].Type)
			if ok && !seen[name] {
				seen[name] = true
				walk(name, m.Structures[name])
			}
		}
	}
	walk("", members)
}
