package sigv4

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// Through net/http's own client and server, which change what they carry in
// ways that a request made by hand does not show.
func TestSignedRequestsSurviveNetHTTP(t *testing.T) {
	v := &Verifier[string]{Region: testRegion, Keys: oneKey(testID, testSecret, "token"), Debug: true}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		res, err := v.Verify(r, "codeartifact", body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		if err := json.NewEncoder(w).Encode(res.Query); err != nil {
			t.Error(err)
		}
	})
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
		server := httptest.NewUnstartedServer(handler)
		server.EnableHTTP2 = protocol == "HTTP/2.0"
		server.StartTLS()
		defer server.Close()
		for _, c := range []struct{ method, target, body string }{
			{"GET", "", ""},
			{"GET", "/v1/domain?domain=my-domain&domain-owner=111122223333", ""},
			{"POST", "/prefix/v1/tags?resourceArn=arn%3Aaws%3Acodeartifact", "{}"},
			{"PUT", "/a%2Fb%20c//d/?b=2&a=1;c&a=%C3%A9+", "body"},
			{"DELETE", "/v1/domain?&&a", ""},
		} {
			for _, presign := range []bool{false, true} {
				if presign && c.body != "" {
					continue
				}
				r := newRequest(t, c.method, server.URL+c.target)
				r.Body, r.ContentLength = io.NopCloser(strings.NewReader(c.body)), int64(len(c.body))
				signer := testSigner("codeartifact")
				signer.SessionToken = "token"
				var err error
				if presign {
					err = signer.Presign(r, time.Minute, time.Now())
				} else {
					err = signer.Sign(r, hashOf([]byte(c.body)), time.Now())
				}
				if err != nil {
					t.Fatal(err)
				}
				resp, err := server.Client().Do(r)
				if err != nil {
					t.Fatal(err)
				}
				answer, err := io.ReadAll(resp.Body)
				if err != nil {
					t.Fatal(err)
				}
				if err := resp.Body.Close(); err != nil {
					t.Fatal(err)
				}
				if resp.Proto != protocol || resp.StatusCode != http.StatusOK {
					t.Errorf("%s %s: got %s %d %s", c.method, c.target, resp.Proto, resp.StatusCode, answer)
					continue
				}
				var got Query
				if err := json.Unmarshal(answer, &got); err != nil {
					t.Fatal(err)
				}
				_, raw, _ := strings.Cut(c.target, "?")
				want, err := ParseQuery(raw)
				if err != nil {
					t.Fatal(err)
				}
				if len(got) < len(want) || !slices.Equal(got[:len(want)], want) || !presign && len(got) != len(want) {
					t.Errorf("%s %s: got %q, want %q", c.method, c.target, got, want)
				}
			}
		}
	}
}
