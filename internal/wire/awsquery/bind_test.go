package awsquery_test

import (
	"cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/api/sts"
	"larder.example/larder/internal/wire"
	"larder.example/larder/internal/wire/awsquery"
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
	c := &captured{Mux: wire.Mux{Protocol: awsquery.Protocol{}}}
	capture(c, iam.CreateAccountAlias)
	capture(c, iam.CreateUser)
	capture(c, iam.GetUser)
	capture(c, iam.ListPolicies)
	capture(c, iam.SimulatePrincipalPolicy)
	capture(c, iam.UntagUser)
	capture(c, sts.AssumeRole)
	capture(c, sts.AssumeRoleWithWebIdentity)
	capture(c, sts.GetCallerIdentity)
	capture(c, sts.GetSessionToken)
	return c
}

// plain renders a bound value for comparison with JSON. Of structures it has
// the fields that are not zero.
func plain(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer:
		return plain(v.Elem())
	case reflect.Struct:
		out := make(map[string]any)
		for f, fv := range v.Fields() {
			if !fv.IsZero() {
				out[f.Name] = plain(fv)
			}
		}
		return out
	case reflect.Slice:
		out := make([]any, v.Len())
		for i := range out {
			out[i] = plain(v.Index(i))
		}
		return out
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
		Name, Method, Query, Body, Error, Message string
		Headers                                   map[string]string
		Input                                     any
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	for _, tt := range cases {
		t.Run(tt.Name, func(t *testing.T) {
			c := captures()
			r := httptest.NewRequest(cmp.Or(tt.Method, "POST"), "/?"+tt.Query, strings.NewReader(tt.Body))
			for name, value := range tt.Headers {
				r.Header.Set(name, value)
			}
			w := httptest.NewRecorder()
			c.ServeHTTP(w, r)
			if tt.Error != "" {
				var got struct {
					Error struct{ Type, Code, Message string }
				}
				if err := xml.Unmarshal(w.Body.Bytes(), &got); err != nil {
					t.Fatalf("%v in %q", err, w.Body)
				}
				if got.Error.Code != tt.Error || got.Error.Message != tt.Message || w.Code != http.StatusBadRequest {
					t.Errorf("got %d %s %q, want %d %s %q", w.Code, got.Error.Code, got.Error.Message, http.StatusBadRequest, tt.Error, tt.Message)
				}
				if tt.Message == "" && strings.Contains(w.Body.String(), "<Message>") {
					t.Errorf("there is a message in %s", w.Body)
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
