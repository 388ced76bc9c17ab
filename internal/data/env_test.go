package data_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/config"
	"larder.example/larder/internal/testenv"
)

// env is a registry and a token of its administrator's, seen through one
// format.
type env struct {
	*testenv.Env
	testing.TB
	surface
	token string
	base  string // the path of the endpoint
}

// onSurfaces runs a test through each format.
func onSurfaces(t *testing.T, test func(*env), settings ...func(*config.Config)) {
	t.Helper()
	for _, s := range surfaces {
		t.Run(string(s.format), func(t *testing.T) {
			e := &env{Env: testenv.New(t, settings...), TB: t, surface: s}
			e.token, e.base = e.Token(e.Admin), e.Endpoint(string(s.format))
			test(e)
		})
	}
}

// do sends a request as the administrator. Header lines come as name and
// value in turn.
func (e *env) do(a ask, header ...string) testenv.Answer {
	e.Helper()
	return e.doAs(e.token, a, header...)
}

// doAs sends a request as who bears a token.
func (e *env) doAs(bears string, a ask, header ...string) testenv.Answer {
	e.Helper()
	if a.kind != "" {
		header = append(header, "Content-Type", a.kind)
	}
	return e.Do(a.method, e.base+a.path, bears, strings.NewReader(a.body), header...)
}

func (e *env) get(path string, header ...string) testenv.Answer {
	e.Helper()
	return e.do(ask{method: "GET", path: path}, header...)
}

// want checks the status of an answer.
func (e *env) want(status int, a testenv.Answer, what string) testenv.Answer {
	e.Helper()
	if a.Status != status {
		e.Errorf("%s: got %d, want %d: %.200s", what, a.Status, status, a.Body)
	}
	return a
}

// put publishes a version.
func (e *env) put(name, version, content string) {
	e.Helper()
	e.want(e.published, e.do(e.publish(e.TB, name, version, content)), "publish "+name+" "+version)
	if e.finish != nil {
		e.want(e.published, e.do(e.finish(name, version)), "finish "+name+" "+version)
	}
}

// makeRepository makes another repository in the domain.
func (e *env) makeRepository(name string) {
	e.Helper()
	testenv.OK(e.TB, e.Admin, codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{Domain: testenv.Domain, Repository: name})
}

// deleteRepository deletes a repository with all that is in it.
func (e *env) deleteRepository(name string) {
	e.Helper()
	testenv.OK(e.TB, e.Admin, codeartifact.DeleteRepository, &codeartifact.DeleteRepositoryInput{Domain: testenv.Domain, Repository: name})
}

// deleteUser deletes a user with policies and keys.
func (e *env) deleteUser(name string) {
	e.Helper()
	for _, p := range testenv.OK(e.TB, e.Admin, iam.ListUserPolicies, &iam.ListUserPoliciesInput{UserName: name}).PolicyNames {
		testenv.OK(e.TB, e.Admin, iam.DeleteUserPolicy, &iam.DeleteUserPolicyInput{UserName: name, PolicyName: p})
	}
	for _, k := range testenv.OK(e.TB, e.Admin, iam.ListAccessKeys, &iam.ListAccessKeysInput{UserName: name}).AccessKeyMetadata {
		testenv.OK(e.TB, e.Admin, iam.DeleteAccessKey, &iam.DeleteAccessKeyInput{UserName: name, AccessKeyId: k.AccessKeyId})
	}
	testenv.OK(e.TB, e.Admin, iam.DeleteUser, &iam.DeleteUserInput{UserName: name})
}

// allowed returns a token of a new user with these statements.
func (e *env) allowed(user string, statements ...string) string {
	e.Helper()
	return e.Token(e.User(user, fmt.Sprintf(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":["codeartifact:GetAuthorizationToken","sts:GetServiceBearerToken"],"Resource":"*"},%s]}`,
		strings.Join(statements, ","))))
}

// raw sends bytes as they are and reads one answer.
func (e *env) raw(request string) testenv.Answer {
	e.Helper()
	conn, err := new(net.Dialer).DialContext(e.Context(), "tcp", strings.TrimPrefix(e.URL, "http://"))
	if err != nil {
		e.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		e.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		e.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		e.Fatal(err)
	}
	return testenv.Answer{Status: res.StatusCode, Header: res.Header, Body: string(body)}
}
