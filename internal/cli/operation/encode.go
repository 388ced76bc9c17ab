package operation

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"larder.example/larder/internal/cli/value"
	"larder.example/larder/internal/wire"
)

// Encode makes the request of a call with parameters that were checked, and
// the hexadecimal SHA-256 of its body as it is to be signed. A member that is
// the body must be an io.ReadSeeker.
func (o *Operation) Encode(ctx context.Context, base *url.URL, params *value.Object) (*http.Request, string, error) {
	u := *base
	u.Path, u.RawPath = strings.TrimSuffix(base.Path, "/")+o.Path, ""
	if o.Version != "" {
		form := wire.EncodeQuery(o.form(params))
		r, err := http.NewRequestWithContext(ctx, o.Method, u.String(), nil)
		if err != nil {
			return nil, "", err
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
		return r, setBody(r, []byte(form)), nil
	}
	query := wire.EncodeQuery(o.query(params))
	if base.RawQuery != "" && query != "" {
		query = base.RawQuery + "&" + query
	} else if query == "" {
		query = base.RawQuery
	}
	u.RawQuery = query
	r, err := http.NewRequestWithContext(ctx, o.Method, u.String(), nil)
	if err != nil {
		return nil, "", err
	}
	for _, p := range params.Members() {
		if m := o.Member(o.In, p.Key); m.In == wire.Header {
			r.Header.Set(m.Wire, plain(p.Value))
		}
	}
	if m := Stream(o.In); m != nil {
		v, _ := params.Get(o.NameOf(m))
		hash, err := setStream(r, v)
		if stated := r.Header.Get("X-Amz-Content-Sha256"); stated != "" {
			hash = stated
		}
		return r, hash, err
	}
	if !o.hasDocument() {
		return r, setBody(r, nil), nil
	}
	r.Header.Set("Content-Type", "application/json")
	return r, setBody(r, []byte(value.Dumps(o.document(params)))), nil
}

// hasDocument reports whether the operation's requests have a JSON body: all
// whose input has a member for it, whether it is given or not.
func (o *Operation) hasDocument() bool {
	for i := range o.In.Members {
		if o.In.Members[i].In == wire.Body {
			return true
		}
	}
	return false
}

func (o *Operation) document(params *value.Object) *value.Object {
	doc := new(value.Object)
	for _, p := range params.Members() {
		if m := o.Member(o.In, p.Key); m.In == wire.Body && p.Value != nil {
			doc.Set(m.Wire, p.Value)
		}
	}
	return doc
}

func (o *Operation) query(params *value.Object) []wire.Pair {
	var pairs []wire.Pair
	for _, p := range params.Members() {
		if m := o.Member(o.In, p.Key); m.In == wire.Query && p.Value != nil {
			pairs = append(pairs, wire.Pair{Name: m.Wire, Value: plain(p.Value)})
		}
	}
	return pairs
}

// plain spells a scalar as it stands in queries, headers and forms.
func plain(v any) string {
	if b, ok := v.(bool); ok {
		return strconv.FormatBool(b)
	}
	return value.Str(v)
}

// form flattens parameters as the query protocol does.
func (o *Operation) form(params *value.Object) []wire.Pair {
	pairs := []wire.Pair{{Name: "Action", Value: o.Name}, {Name: "Version", Value: o.Version}}
	return o.flatten(pairs, o.In, params, "")
}

func (o *Operation) flatten(pairs []wire.Pair, s *wire.Shape, v any, name string) []wire.Pair {
	switch v := v.(type) {
	case *value.Object:
		for _, p := range v.Members() {
			if m := o.Member(s, p.Key); m != nil {
				pairs = o.flatten(pairs, m.Shape, p.Value, strings.TrimPrefix(name+"."+m.Wire, "."))
			}
		}
	case []any:
		if len(v) == 0 {
			return append(pairs, wire.Pair{Name: name})
		}
		for i, e := range v {
			pairs = o.flatten(pairs, s.Elem, e, name+".member."+strconv.Itoa(i+1))
		}
	case nil:
	default:
		pairs = append(pairs, wire.Pair{Name: name, Value: plain(v)})
	}
	return pairs
}

func setBody(r *http.Request, body []byte) (hash string) {
	sum := sha256.Sum256(body)
	if len(body) > 0 {
		r.ContentLength = int64(len(body))
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	return hex.EncodeToString(sum[:])
}

// setStream makes a file the body, which can be sent again from its begin.
func setStream(r *http.Request, v any) (hash string, err error) {
	var file io.ReadSeeker
	switch v := v.(type) {
	case io.ReadSeeker:
		file = v
	case []byte:
		file = bytes.NewReader(v)
	case string:
		file = strings.NewReader(v)
	default:
		return setBody(r, nil), nil
	}
	sum := sha256.New()
	n, err := io.Copy(sum, file)
	if err != nil {
		return "", fmt.Errorf("read the body: %w", err)
	}
	hash = hex.EncodeToString(sum.Sum(nil))
	r.ContentLength = n
	if n == 0 {
		return hash, nil
	}
	r.GetBody = func() (io.ReadCloser, error) {
		_, err := file.Seek(0, io.SeekStart)
		return io.NopCloser(file), err
	}
	r.Body, err = r.GetBody()
	return hash, err
}
