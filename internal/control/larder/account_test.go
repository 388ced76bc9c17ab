package larder_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	api "larder.example/larder/internal/api/larder"
	"larder.example/larder/internal/api/sts"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/testenv"
)

func allow(action, resource string) string {
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"` + action + `","Resource":"` + resource + `"}}`
}

// A new account comes with a key of its root user, who then may do anything
// in it and nothing elsewhere.
func TestCreateAccountGivesItsRootAKey(t *testing.T) {
	e := testenv.New(t)
	made := testenv.OK(t, e.Admin, api.CreateAccount, &api.CreateAccountInput{})
	root := e.With(made.AccessKey.AccessKeyId, made.AccessKey.SecretAccessKey)
	got := testenv.OK(t, root, sts.GetCallerIdentity, &sts.GetCallerIdentityInput{})
	if got.Account != made.Account.AccountId || got.Arn != made.Account.Arn || made.Account.First {
		t.Errorf("got %+v, want root of %+v", got, made.Account)
	}
	own := testenv.OK(t, root, api.DescribeAccount, &api.DescribeAccountInput{}).Account
	made.Account.CreatedTime = made.Account.CreatedTime.UTC()
	own.CreatedTime = own.CreatedTime.UTC()
	if !reflect.DeepEqual(own, made.Account) {
		t.Errorf("got %+v, want %+v", own, made.Account)
	}
	testenv.Refused(t, root, api.CreateAccount, &api.CreateAccountInput{}, "AccessDeniedException")
	testenv.Refused(t, e.Admin, api.CreateAccount, &api.CreateAccountInput{AccountId: own.AccountId}, "ConflictException")
	testenv.OK(t, e.Admin, api.CreateAccount, &api.CreateAccountInput{AccountId: "000000000007"})
}

// What is about all accounts belongs to the first: no policy of another one
// can allow it.
func TestOnlyCallersOfTheFirstAccountSeeTheOthers(t *testing.T) {
	e := testenv.New(t)
	second := e.NewAccount()
	root := e.Root(second)
	first := "arn:aws:larder:" + testenv.Region + ":" + e.Account + ":account/"
	for _, tt := range []struct {
		name     string
		c        *client.Client
		call     func(*client.Client) error
		resource string // in the refusal; empty: it is allowed
	}{
		{"the first account's administrator lists", e.Admin, list, ""},
		{"root of the first account lists", e.Root(e.Account), list, ""},
		{"a user without policies", e.User("nobody"), list, first + "*"},
		{"a user who may", e.User("lister", allow("larder:ListAccounts", "*")), list, ""},
		{"root of another account", root, list, first + "*"},
		{"the first account's administrator describes another", e.Admin, describe(second), ""},
		{"a user who may describe that one", e.User("one", allow("larder:DescribeAccount", first+second)), describe(second), ""},
		{"a user who may describe another one", e.User("two", allow("larder:DescribeAccount", first+"1*")), describe("000000000001"), first + "000000000001"},
		{"another account describes the first", root, describe(e.Account), first + e.Account},
		{"another account describes itself", root, describe(second), ""},
		{"another account describes itself without saying so", root, describe(""), ""},
	} {
		got := testenv.RefusalOf(tt.call(tt.c))
		if (got.Code != "") != (tt.resource != "") || tt.resource != "" && !strings.Contains(got.Message, " on resource: "+tt.resource+" because no ") {
			t.Errorf("%s: got %+v, want a refusal on %q", tt.name, got, tt.resource)
		}
	}
	absent := testenv.Refused(t, e.Admin, api.DescribeAccount, &api.DescribeAccountInput{AccountId: "000000000001"}, "ResourceNotFoundException")
	if absent.ResourceID != "000000000001" {
		t.Errorf("got %+v", absent)
	}
}

func list(c *client.Client) error { return call(c, api.ListAccounts, &api.ListAccountsInput{}) }

func describe(account string) func(*client.Client) error {
	return func(c *client.Client) error {
		return call(c, api.DescribeAccount, &api.DescribeAccountInput{AccountId: account})
	}
}

func TestListAccountsHasPages(t *testing.T) {
	e := testenv.New(t)
	want := map[string]bool{e.Account: true}
	for range 4 {
		want[e.NewAccount()] = false
	}
	in, last := &api.ListAccountsInput{MaxResults: 2}, ""
	for pages := 1; ; pages++ {
		out := testenv.OK(t, e.Admin, api.ListAccounts, in)
		for _, a := range out.Accounts {
			if first, known := want[a.AccountId]; !known || first != a.First || a.AccountId <= last || time.Since(a.CreatedTime) > time.Hour {
				t.Errorf("got %+v behind %s", a, last)
			}
			delete(want, a.AccountId)
			last = a.AccountId
		}
		if in.NextToken = out.NextToken; in.NextToken == "" {
			if pages != 3 || len(want) > 0 {
				t.Errorf("got %d pages without %v", pages, want)
			}
			break
		}
	}
	testenv.Refused(t, e.Admin, api.ListAccounts, &api.ListAccountsInput{NextToken: "made-up"}, "ValidationException")
}
