package restjson_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/wire"
	"larder.example/larder/internal/wire/restjson"
)

// captured answers requests for some operations and keeps their input.
type captured struct {
	wire.Mux
	in any
}

func capture[In, Out any](c *captured, op wire.Op[In, Out]) {
	wire.Handle(&c.Mux, op, func(_ context.Context, in *In) (*Out, error) {
		c.in = plain(reflect.ValueOf(in).Elem())
		return nil, nil
	})
}

func captures() *captured {
	c := &captured{Mux: wire.Mux{Protocol: restjson.Protocol{}}}
	capture(c, codeartifact.CopyPackageVersions)
	capture(c, codeartifact.CreateDomain)
	capture(c, codeartifact.CreateRepository)
	capture(c, codeartifact.DeletePackageVersions)
	capture(c, codeartifact.DescribeDomain)
	capture(c, codeartifact.DescribePackage)
	capture(c, codeartifact.GetAuthorizationToken)
	capture(c, codeartifact.GetRepositoryEndpoint)
	capture(c, codeartifact.ListAssociatedPackages)
	capture(c, codeartifact.ListDomains)
	capture(c, codeartifact.ListPackageGroups)
	capture(c, codeartifact.ListPackages)
	capture(c, codeartifact.PublishPackageVersion)
	capture(c, codeartifact.PutDomainPermissionsPolicy)
	capture(c, codeartifact.PutPackageOriginConfiguration)
	capture(c, codeartifact.UntagResource)
	capture(c, codeartifact.UpdatePackageGroupOriginConfiguration)
	capture(c, codeartifact.UpdateRepository)
	return c
}

// plain renders a bound value for comparison with JSON. Of structures it has
// the fields that are not zero.
func plain(v reflect.Value) any {
	switch {
	case v.Kind() == reflect.Pointer:
		return plain(v.Elem())
	case v.Kind() == reflect.Struct:
		out := make(map[string]any)
		for f, fv := range v.Fields() {
			if !fv.IsZero() || f.Tag.Get("required") == "true" {
				out[f.Name] = plain(fv)
			}
		}
		return out
	case v.Kind() == reflect.Slice:
		out := make([]any, v.Len())
		for i := range out {
			out[i] = plain(v.Index(i))
		}
		return out
	case v.Type() == reflect.TypeFor[io.Reader]():
		b, err := io.ReadAll(v.Interface().(io.Reader))
		if err != nil {
			return err.Error()
		}
		return string(b)
	default:
		return v.Interface()
	}
}

func TestBind(t *testing.T) {
	raw, err := os.ReadFile("testdata/requests.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name, Request, Body, Error, Reason string
		Headers                            map[string]string
		Input                              any
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	for _, tt := range cases {
		t.Run(tt.Name, func(t *testing.T) {
			c := captures()
			method, target, _ := strings.Cut(tt.Request, " ")
			r := httptest.NewRequest(method, target, strings.NewReader(tt.Body))
			for name, value := range tt.Headers {
				r.Header.Set(name, value)
			}
			w := httptest.NewRecorder()
			c.ServeHTTP(w, r)
			if tt.Error != "" {
				var got struct{ Message, Reason string }
				if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
					t.Fatalf("%v in %q", err, w.Body)
				}
				if got.Message != tt.Error || got.Reason != tt.Reason || w.Code != http.StatusBadRequest {
					t.Errorf("got %d %q (%s), want %d %q (%s)", w.Code, got.Message, got.Reason, http.StatusBadRequest, tt.Error, tt.Reason)
				}
				return
			}
			if w.Code != http.StatusOK {
				t.Fatalf("got %d %s", w.Code, w.Body)
			}
			got, err := json.Marshal(c.in)
			if err != nil {
				t.Fatal(err)
			}
			want, err := json.Marshal(tt.Input)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != string(want) {
				t.Errorf("got the input\n%s, want\n%s", got, want)
			}
		})
	}
}
