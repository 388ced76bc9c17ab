package iam_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/testenv"
)

func TestOpenIDConnectProviders(t *testing.T) {
	e := testenv.New(t)
	ctx := t.Context()
	print := strings.Repeat("a1", 20)
	arn := testenv.OK(t, e.Admin, iam.CreateOpenIDConnectProvider, &iam.CreateOpenIDConnectProviderInput{
		Url: "https://issuer.example/realm", ClientIDList: []string{"one", "two", "one"}, ThumbprintList: []string{print}, Tags: []iam.Tag{{Key: "k", Value: "v"}},
	}).OpenIDConnectProviderArn
	if want := "arn:aws:iam::" + e.Account + ":oidc-provider/issuer.example/realm"; arn != want {
		t.Errorf("got %s, want %s", arn, want)
	}
	get := func() *iam.GetOpenIDConnectProviderOutput {
		return testenv.OK(t, e.Admin, iam.GetOpenIDConnectProvider, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn})
	}
	want := &iam.GetOpenIDConnectProviderOutput{
		Url: "issuer.example/realm", ClientIDList: []string{"one", "two"}, ThumbprintList: []string{print},
		CreateDate: e.Clock.Now().UTC().Truncate(time.Second), Tags: []iam.Tag{{Key: "k", Value: "v"}},
	}
	if got := get(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	_, err := client.Call(ctx, e.Admin, iam.CreateOpenIDConnectProvider, &iam.CreateOpenIDConnectProviderInput{Url: "https://issuer.example/realm"})
	wantRefusal(t, "again", err, "EntityAlreadyExists", 409, "Provider with url https://issuer.example/realm already exists.")

	for range 2 {
		testenv.OK(t, e.Admin, iam.AddClientIDToOpenIDConnectProvider, &iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, ClientID: "three"})
		testenv.OK(t, e.Admin, iam.RemoveClientIDFromOpenIDConnectProvider, &iam.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, ClientID: "one"})
	}
	other := strings.Repeat("b2", 20)
	testenv.OK(t, e.Admin, iam.UpdateOpenIDConnectProviderThumbprint, &iam.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: arn, ThumbprintList: []string{other}})
	if got := get(); !slices.Equal(got.ClientIDList, []string{"two", "three"}) || !slices.Equal(got.ThumbprintList, []string{other}) {
		t.Errorf("got %+v", got)
	}
	list := testenv.OK(t, e.Admin, iam.ListOpenIDConnectProviders, &iam.ListOpenIDConnectProvidersInput{}).OpenIDConnectProviderList
	if !slices.Equal(list, []iam.OpenIDConnectProviderListEntry{{Arn: arn}}) {
		t.Errorf("got %+v", list)
	}
	testenv.OK(t, e.Admin, iam.DeleteOpenIDConnectProvider, &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn})
	_, err = client.Call(ctx, e.Admin, iam.GetOpenIDConnectProvider, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn})
	wantRefusal(t, "gone", err, "NoSuchEntity", 404, "OpenIDConnect Provider not found for arn "+arn)
	testenv.OK(t, e.Admin, iam.CreateOpenIDConnectProvider, &iam.CreateOpenIDConnectProviderInput{Url: "https://issuer.example/realm"})
	if got := get(); len(got.ClientIDList)+len(got.Tags)+len(got.ThumbprintList) > 0 {
		t.Errorf("made again: got %+v", got)
	}
}

func TestProvidersThatAreNoneAreRefused(t *testing.T) {
	e := testenv.New(t)
	for name, tt := range map[string]struct {
		in   iam.CreateOpenIDConnectProviderInput
		code string
	}{
		"http":             {iam.CreateOpenIDConnectProviderInput{Url: "http://issuer.example"}, "InvalidInput"},
		"no scheme":        {iam.CreateOpenIDConnectProviderInput{Url: "issuer.example"}, "InvalidInput"},
		"no host":          {iam.CreateOpenIDConnectProviderInput{Url: "https:///x"}, "InvalidInput"},
		"a query":          {iam.CreateOpenIDConnectProviderInput{Url: "https://issuer.example/?a=b"}, "InvalidInput"},
		"a user":           {iam.CreateOpenIDConnectProviderInput{Url: "https://a:b@issuer.example"}, "InvalidInput"},
		"a fragment":       {iam.CreateOpenIDConnectProviderInput{Url: "https://issuer.example#x"}, "InvalidInput"},
		"six thumbprints":  {iam.CreateOpenIDConnectProviderInput{Url: "https://issuer.example", ThumbprintList: slices.Repeat([]string{strings.Repeat("a", 40)}, 6)}, "InvalidInput"},
		"no thumbprint":    {iam.CreateOpenIDConnectProviderInput{Url: "https://issuer.example", ThumbprintList: []string{strings.Repeat("x", 40)}}, "InvalidInput"},
		"short thumbprint": {iam.CreateOpenIDConnectProviderInput{Url: "https://issuer.example", ThumbprintList: []string{"aa"}}, "ValidationError"},
	} {
		_, err := client.Call(t.Context(), e.Admin, iam.CreateOpenIDConnectProvider, &tt.in)
		wantRefusal(t, name, err, tt.code, 400, "")
	}
	var ids []string
	for i := range 100 {
		ids = append(ids, fmt.Sprint("c", i))
	}
	arn := testenv.OK(t, e.Admin, iam.CreateOpenIDConnectProvider, &iam.CreateOpenIDConnectProviderInput{Url: "https://issuer.example", ClientIDList: ids}).OpenIDConnectProviderArn
	_, err := client.Call(t.Context(), e.Admin, iam.AddClientIDToOpenIDConnectProvider, &iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, ClientID: "more"})
	wantRefusal(t, "101 clients", err, "LimitExceeded", 409, "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100")
}

func TestAnAccountHas100ProvidersAtMost(t *testing.T) {
	e := testenv.New(t)
	for i := range 101 {
		_, err := client.Call(t.Context(), e.Admin, iam.CreateOpenIDConnectProvider, &iam.CreateOpenIDConnectProviderInput{Url: fmt.Sprintf("https://i%d.example", i)})
		if i == 100 {
			wantRefusal(t, "one more", err, "LimitExceeded", 409, "Cannot exceed quota for OpenIdConnectProvidersPerAccount: 100")
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
