package iam_test

import (
	"net/http"
	"net/url"
	"testing"

	"larder.example/larder/internal/client"
	"larder.example/larder/internal/testenv"
)

const (
	administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
	readOnly      = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
)

// form posts an action with parameters, names and values in turn.
func form(e *testenv.Env, c *client.Client, action string, pairs ...string) testenv.Answer {
	values := url.Values{"Action": {action}, "Version": {"2010-05-08"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return e.DoSigned(c, "iam", http.MethodPost, "/", values.Encode(), "Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
}

// policy is a document of one statement.
func policy(effect, action, resource string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"` + effect + `","Action":"` + action + `","Resource":"` + resource + `"}]}`
}

func allow(action string) string { return policy("Allow", action, "*") }

// wantRefusal holds what a call failed with against what IAM says.
func wantRefusal(t *testing.T, what string, err error, code string, status int, message string) {
	t.Helper()
	got := testenv.RefusalOf(err)
	if err == nil || got.Code != code || got.Status != status || message != "" && got.Message != message {
		t.Errorf("%s: got %v, want %d %s %q", what, err, status, code, message)
	}
}
