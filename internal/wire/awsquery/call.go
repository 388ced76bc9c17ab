package awsquery

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/wire"
)

// maxAnswer bounds a document that a client reads into memory.
const maxAnswer = 64 << 20

// Encode makes a request: always a posted form.
func (Protocol) Encode(ctx context.Context, base *url.URL, op wire.Info, s *wire.Shape, in reflect.Value) (*http.Request, string, error) {
	f := form{{Name: "Action", Value: op.Name}, {Name: "Version", Value: op.Version}}
	f.structure(s, "", in)
	body := []byte(wire.EncodeQuery(f))
	u := *base
	u.Path = strings.TrimSuffix(base.Path, "/") + op.Path
	r, err := http.NewRequestWithContext(ctx, op.Method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	sum := sha256.Sum256(body)
	return r, hex.EncodeToString(sum[:]), nil
}

// form gathers the parameters of a request.
type form []wire.Pair

func (f *form) add(name, value string) { *f = append(*f, wire.Pair{Name: name, Value: value}) }

func (f *form) structure(s *wire.Shape, prefix string, v reflect.Value) {
	for i := range s.Members {
		m := &s.Members[i]
		if field, ok := m.Given(v); ok {
			f.value(m.Shape, prefix+m.Wire, field)
		}
	}
}

func (f *form) value(s *wire.Shape, name string, v reflect.Value) {
	switch s.Kind {
	case wire.Struct:
		f.structure(s, name+".", v)
	case wire.List:
		if v.Len() == 0 {
			f.add(name, "")
		}
		for i := range v.Len() {
			f.value(s.Elem, name+".member."+strconv.Itoa(i+1), v.Index(i))
		}
	case wire.Map:
		if v.Len() == 0 {
			f.add(name, "")
		}
		n := 0
		for key, elem := range v.Seq2() {
			n++
			entry := name + ".entry." + strconv.Itoa(n)
			f.add(entry+".key", key.String())
			f.value(s.Elem, entry+".value", elem)
		}
	default:
		f.add(name, render(s, v))
	}
}

// Decode reads a success.
func (Protocol) Decode(answer *http.Response, op wire.Info, s *wire.Shape, out reflect.Value) error {
	defer answer.Body.Close()
	root, err := parse(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return err
	}
	if op.Result == "" {
		return nil
	}
	result := root.child(op.Result)
	if result == nil {
		return fmt.Errorf("the answer has no %s", op.Result)
	}
	return result.structure(s, out)
}

// Failure reads a failure.
func (Protocol) Failure(answer *http.Response) *larder.Error {
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	root, parseErr := parse(bytes.NewReader(body))
	if errors.Join(err, parseErr) != nil {
		root = &node{}
	}
	fault := root.child("Error")
	name := cmp.Or(fault.childText("Code"), strconv.Itoa(answer.StatusCode))
	message := fault.childText("Message")
	if fault == nil {
		message = strings.TrimSpace(string(body))
	}
	return &larder.Error{
		Kind:       kindOf(name, answer.StatusCode),
		Code:       name,
		Message:    message,
		RetryAfter: wire.RetryAfter(answer.Header),
		Err: &wire.Fault{
			Name:      name,
			Status:    answer.StatusCode,
			RequestID: cmp.Or(root.childText("RequestId"), answer.Header.Get(wire.HeaderRequestID)),
		},
	}
}
