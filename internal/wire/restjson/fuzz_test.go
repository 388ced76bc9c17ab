package restjson_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/wire"
	"larder.example/larder/internal/wire/restjson"
)

// Whatever a stranger sends is answered with success or a validation error,
// and what reaches the handler can be said in JSON again.
func FuzzBind(f *testing.F) {
	f.Add("/v1/domain?domain=acme", `{"tags":[{"key":"a","value":"b"}]}`)
	f.Add("/v1/domains", `{"maxResults":1,"nextToken":"x"}`)
	f.Add("/v1/package/versions/copy?domain=acme&source-repository=aa&destination-repository=bb&format=npm&package=x", `{"versionRevisions":{"1":"r"},"versions":["1",null]}`)
	f.Add("/v1/domain?domain=%zz&domain=%00", `{"tags":[{"key":"\ud800"}]}`)
	f.Add("/v1/authorization-token?domain=acme&duration=+0900", ``)
	f.Add("/v1/domain?=&&domain", "{\"tags\":[null,{}],\"encryptionKey\":\"\xff\"}")
	f.Fuzz(func(t *testing.T, target, body string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		var err error
		if r.URL, err = r.URL.Parse(target); err != nil {
			return
		}
		r.Header.Set("X-Amz-Target", "x")
		c := captures()
		w := httptest.NewRecorder()
		c.ServeHTTP(w, r)
		switch w.Code {
		case http.StatusOK, http.StatusBadRequest, http.StatusNotFound:
		default:
			t.Errorf("got %d %s", w.Code, w.Body)
		}
		if !json.Valid(w.Body.Bytes()) || !utf8.Valid(w.Body.Bytes()) {
			t.Errorf("got %q", w.Body)
		}
		if _, err := json.Marshal(c.in); err != nil {
			t.Error(err)
		}
	})
}

// Whatever a service answers, a client gets a value or an error.
func FuzzDecode(f *testing.F) {
	f.Add(200, `{"packageVersion":{"publishedTime":1.5e9,"licenses":[{"name":"MIT"}],"origin":{"domainEntryPoint":{}}}}`)
	f.Add(200, `{"packageVersion":{"publishedTime":"2020-01-01T00:00:00Z"}}`)
	f.Add(400, `{"message":"m","reason":"OTHER"}`)
	f.Add(500, `<html>`)
	f.Fuzz(func(t *testing.T, status int, body string) {
		c := wire.Client{Base: &url.URL{Scheme: "http", Host: "test"}, Protocol: restjson.Protocol{}, Attempts: 1}
		c.HTTP = &http.Client{Transport: answers{StatusCode: status, Body: io.NopCloser(strings.NewReader(body))}}
		_, err := wire.Call(t.Context(), &c, codeartifact.DescribePackageVersion, &codeartifact.DescribePackageVersionInput{})
		if err == nil && (status/100 != 2 || body != "" && !json.Valid([]byte(body))) {
			t.Errorf("%d %q was taken for an answer", status, body)
		}
	})
}

// answers is a transport that answers without a network.
type answers http.Response

func (a answers) RoundTrip(*http.Request) (*http.Response, error) {
	r := http.Response(a)
	r.Header = http.Header{}
	return &r, nil
}
