package operation

import (
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"larder.example/larder/internal/cli/value"
	"larder.example/larder/internal/wire"
)

// maxAnswer bounds what is read of an answer into memory.
const maxAnswer = 64 << 20

// Times says how timestamps are shown: as Times.ISO spells them, or as they
// came.
type Times func(raw any) any

// Decode reads a success: the members that the model has, in its order, those
// in headers first. A body that is a member is not read.
func (o *Operation) Decode(answer *http.Response, times Times) (*value.Object, error) {
	d := decoder{op: o, times: times}
	out := new(value.Object)
	for i := range o.Out.Members {
		m := &o.Out.Members[i]
		if text := answer.Header.Get(m.Wire); m.In == wire.Header && text != "" {
			out.Set(o.NameOf(m), headerValue(m, text))
		}
	}
	if Stream(o.Out) != nil {
		return out, nil
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return nil, err
	}
	if o.Version != "" {
		return out, d.xml(body, out)
	}
	if len(body) == 0 {
		return out, nil
	}
	v, err := value.ParseJSON(string(body))
	if err != nil {
		return out, nil //nolint:nilerr // botocore takes what is no JSON for a message that no model has
	}
	doc, _ := v.(*value.Object)
	d.structure(o.Out, doc, out)
	return out, nil
}

func headerValue(m *wire.Member, text string) any {
	if m.Shape.Kind == wire.Int {
		if n, ok := value.Integer(text); ok {
			return n
		}
	}
	return text
}

type decoder struct {
	op    *Operation
	times Times
}

func (d decoder) structure(s *wire.Shape, from, to *value.Object) {
	for i := range s.Members {
		m := &s.Members[i]
		if raw, ok := from.Get(m.Wire); ok && raw != nil && m.In == wire.Body {
			to.Set(d.op.NameOf(m), d.value(m.Shape, raw))
		}
	}
}

// value takes what it is given for what the model says only where the two are
// alike; else it stays what it is.
func (d decoder) value(s *wire.Shape, raw any) any {
	switch s.Kind {
	case wire.Struct:
		if from, ok := raw.(*value.Object); ok {
			to := new(value.Object)
			d.structure(s, from, to)
			return to
		}
	case wire.List:
		if list, ok := raw.([]any); ok {
			out := make([]any, 0, len(list))
			for _, e := range list {
				out = append(out, d.value(s.Elem, e))
			}
			return out
		}
	case wire.Map:
		if from, ok := raw.(*value.Object); ok {
			to := new(value.Object)
			for _, m := range from.Members() {
				to.Set(m.Key, d.value(s.Elem, m.Value))
			}
			return to
		}
	case wire.Time:
		return d.times(raw)
	case wire.String, wire.Bool, wire.Int, wire.Blob, wire.Stream:
	}
	return raw
}

// node is an element of an XML document.
type node struct {
	name     string
	text     string
	children []*node
}

func (n *node) child(name string) *node {
	for _, c := range n.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

func (n *node) textOf(name string) string {
	if c := n.child(name); c != nil {
		return c.text
	}
	return ""
}

var errNoXML = errors.New("there is no XML document in the answer")

// parseXML reads a document, of which only elements and text matter.
func parseXML(body []byte) (*node, error) {
	d := xml.NewDecoder(strings.NewReader(string(body)))
	var stack []*node
	root := new(node)
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) && len(root.children) > 0 {
			return root.children[0], nil
		}
		if errors.Is(err, io.EOF) {
			return nil, errNoXML
		}
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			n := &node{name: t.Name.Local}
			parent := root
			if len(stack) > 0 {
				parent = stack[len(stack)-1]
			}
			parent.children = append(parent.children, n)
			stack = append(stack, n)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if len(stack) > 0 {
				stack[len(stack)-1].text += string(t)
			}
		}
	}
}

func (d decoder) xml(body []byte, out *value.Object) error {
	root, err := parseXML(body)
	if err != nil {
		return fmt.Errorf("Unable to parse response (%w), invalid XML received. Further retries may succeed:\n%s", err, body) //nolint:staticcheck // botocore's words, printed as they are
	}
	if d.op.Result == "" {
		return nil
	}
	if result := root.child(d.op.Result); result != nil {
		d.element(d.op.Out, result, out)
	}
	return nil
}

func (d decoder) element(s *wire.Shape, n *node, to *value.Object) {
	for i := range s.Members {
		m := &s.Members[i]
		c := n.child(m.Wire)
		if c == nil {
			continue
		}
		v := d.fromXML(m.Shape, c)
		if text, ok := v.(string); ok && m.URIText {
			v = policyDocument(text)
		}
		to.Set(d.op.NameOf(m), v)
	}
}

// policyDocument is a policy in an answer of IAM, which the AWS CLI prints as
// the JSON that it is.
func policyDocument(text string) any {
	plain, err := url.PathUnescape(text)
	if err != nil {
		return text
	}
	if v, err := value.ParseJSON(plain); err == nil {
		return v
	}
	return text
}

func (d decoder) fromXML(s *wire.Shape, n *node) any {
	switch s.Kind {
	case wire.Struct:
		to := new(value.Object)
		d.element(s, n, to)
		return to
	case wire.List:
		out := make([]any, 0, len(n.children))
		for _, c := range n.children {
			out = append(out, d.fromXML(s.Elem, c))
		}
		return out
	case wire.Map:
		to := new(value.Object)
		for _, entry := range n.children {
			if v := entry.child("value"); v != nil {
				to.Set(entry.textOf("key"), d.fromXML(s.Elem, v))
			}
		}
		return to
	case wire.Bool:
		return n.text == "true"
	case wire.Int:
		if v, ok := value.Integer(n.text); ok {
			return v
		}
	case wire.Time:
		return d.times(n.text)
	case wire.Blob:
		if b, err := base64.StdEncoding.DecodeString(n.text); err == nil {
			return b
		}
	case wire.String, wire.Stream:
	}
	return n.text
}

// Failure is what a service answered in the place of a success.
type Failure struct {
	Op      *Operation
	Code    string
	Message string
	Status  int
	Details *value.Object // what else the modelled exception says; nil if it is not modelled
	Retries int           // how often the request was repeated until it might not be any more; -1 if it was given up before
}

// Error returns the sentence that the AWS CLI prints.
func (f *Failure) Error() string {
	tried := ""
	if f.Retries >= 0 {
		tried = " (reached max retries: " + strconv.Itoa(f.Retries) + ")"
	}
	return fmt.Sprintf("An error occurred (%s) when calling the %s operation%s: %s", f.Code, f.Op.Name, tried, f.Message)
}

// Failure reads an answer that is no success.
func (o *Operation) Failure(answer *http.Response) *Failure {
	body, _ := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	f := &Failure{Op: o, Status: answer.StatusCode, Retries: -1}
	if o.Version != "" {
		o.xmlFailure(f, body)
	} else {
		o.jsonFailure(f, answer, body)
	}
	if f.Code == "" {
		f.Code = strconv.Itoa(answer.StatusCode)
	}
	return f
}

func (o *Operation) xmlFailure(f *Failure, body []byte) {
	root, err := parseXML(body)
	if err != nil {
		f.Message = http.StatusText(f.Status)
		return
	}
	if e := root.child("Error"); e != nil {
		f.Code, f.Message = e.textOf("Code"), e.textOf("Message")
	}
}

func (o *Operation) jsonFailure(f *Failure, answer *http.Response, body []byte) {
	if text := strings.TrimSpace(string(body)); f.Status >= 500 && (text == "" || strings.HasPrefix(text, "<html>")) {
		f.Message = http.StatusText(f.Status) // a proxy's
		return
	}
	v, err := value.ParseJSON(string(body))
	doc, _ := v.(*value.Object)
	if err != nil {
		f.Message = string(body)
	}
	for _, name := range [...]string{"message", "Message"} {
		if text := doc.Text(name); f.Message == "" {
			f.Message = text
		}
	}
	code := answer.Header.Get("x-amzn-ErrorType")
	for _, name := range [...]string{"__type", "code", "Code"} {
		if code == "" {
			code = doc.Text(name)
		}
	}
	code, _, _ = strings.Cut(code, ":")
	f.Code = code[strings.LastIndexByte(code, '#')+1:]
	f.Details = details(f.Code, doc, answer.Header)
}

// exceptions are CodeArtifact's, with what they say beside a message. Ours
// are spelled alike.
var exceptions = [...]struct {
	code    string
	members []string
}{
	{"AccessDeniedException", nil},
	{"ConflictException", []string{"resourceId", "resourceType"}},
	{"InternalServerException", nil},
	{"ResourceNotFoundException", []string{"resourceId", "resourceType"}},
	{"ServiceQuotaExceededException", []string{"resourceId", "resourceType"}},
	{"ThrottlingException", []string{retryAfter}},
	{"ValidationException", []string{"reason"}},
}

// retryAfter is the member that a header holds.
const retryAfter = "retryAfterSeconds"

func details(code string, doc *value.Object, h http.Header) *value.Object {
	for _, e := range exceptions {
		if e.code != code {
			continue
		}
		found := new(value.Object)
		if n, ok := value.Integer(h.Get("Retry-After")); ok && slices.Contains(e.members, retryAfter) {
			found.Set(retryAfter, n) // headers come first
		}
		for _, name := range append([]string{"message"}, e.members...) {
			if v, ok := doc.Get(name); ok && name != retryAfter {
				found.Set(name, v)
			}
		}
		return found
	}
	return nil
}
