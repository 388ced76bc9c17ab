package helper

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

const ours = "https://packages.example.com/cargo/d/team-123456789012/app/"

// call is a run of a helper whose source knows one address. It returns what
// was printed, and how often a credential was said to be refused.
func call(t *testing.T, name, stdin string, environ map[string]string, args ...string) (stdout string, refused int, err error) {
	t.Helper()
	f, found := Find(name)
	if !found {
		t.Fatalf("no helper %s", name)
	}
	var out bytes.Buffer
	err = f.Serve(t.Context(), &Call{
		Args: args, Stdin: strings.NewReader(stdin), Stdout: &out, Address: environ["ADDRESS"],
		Getenv: func(name string) string { return environ[name] },
		Source: Source{
			Credential: func(_ context.Context, address string) (Credential, error) {
				switch {
				case strings.HasPrefix(address, ours):
					return Credential{Token: "TOKEN", Expires: time.Unix(1_893_499_445, 0)}, nil
				case strings.Contains(address, "denied"):
					return Credential{}, errors.New("you may not")
				}
				return Credential{}, ErrElsewhere
			},
			Refused: func(context.Context, string) error { refused++; return nil },
		},
	})
	return out.String(), refused, err
}

func TestHelpersAnswerAsTheirProtocolsSay(t *testing.T) {
	get := func(index string) string {
		return `{"v":1,"registry":{"index-url":"sparse+` + index + `","name":"app","headers":[]},"kind":"get","operation":"read","args":[]}` + "\n"
	}
	for _, tt := range []struct {
		claim, name, stdin string
		environ            map[string]string
		args               []string
		want               string
		err                error // nil, or any
	}{
		{
			"cargo", "cargo", get(ours) + get("https://index.crates.example/") + get("https://denied/") + `{"v":1,"registry":{"index-url":"` + ours + `"},"kind":"logout"}` + "\n",
			nil,
			[]string{"--cargo-plugin"},
			`{"v":[1]}` + "\n" +
				`{"Ok":{"kind":"get","token":"TOKEN","cache":"expires","expiration":1893499445,"operation_independent":true}}` + "\n" +
				`{"Err":{"kind":"url-not-supported"}}` + "\n" +
				`{"Err":{"kind":"other","message":"you may not"}}` + "\n" +
				`{"Err":{"kind":"operation-not-supported"}}` + "\n", nil,
		},
		{"cargo by stdout", "cargo", "", map[string]string{"CARGO_REGISTRY_INDEX_URL": "sparse+" + ours}, nil, "TOKEN\n", nil},
		{"cargo by stdout, of others", "cargo", "", map[string]string{"CARGO_REGISTRY_INDEX_URL": "sparse+https://other/"}, nil, "", ErrElsewhere},
		{"keyring", "keyring", "", nil, []string{"get", ours + "simple/", "aws"}, "TOKEN\n", nil},
		{"keyring without a user", "keyring", "", nil, []string{"get", ours}, "TOKEN\n", nil},
		{"keyring, of others", "keyring", "", nil, []string{"get", "pypi", "me"}, "", ErrNone},
		{"pnpm", "pnpm", "", map[string]string{"ADDRESS": ours}, nil, "Bearer TOKEN\n", nil},
		{"bazel", "bazel", `{"uri":"` + ours + `x.tgz"}`, nil, []string{"get"}, `{"headers":{"Authorization":["Bearer TOKEN"]},"expires":"2030-01-01T12:04:05Z"}` + "\n", nil},
		{"bazel, with what is not known yet", "bazel", `{"uri":"` + ours + `","workspace":{"a":["b"]}}`, nil, []string{"get"}, `{"headers":{"Authorization":["Bearer TOKEN"]},"expires":"2030-01-01T12:04:05Z"}` + "\n", nil},
		{"bazel, of gRPC", "bazel", `{"uri":"grpcs://packages.example.com/com.example.Service/Method"}`, nil, []string{"get"}, "{}\n", nil},
		{"bazel, of others", "bazel", `{"uri":"https://other.example/"}`, nil, []string{"get"}, "{}\n", nil},
		{"nuget.exe", "nuget", "", nil, []string{"-uri", ours, "-nonInteractive"}, `{"AuthTypes":["basic"],"Message":"","Password":"TOKEN","Username":"aws"}` + "\n", nil},
		{"nuget.exe, of others", "nuget", "", nil, []string{"-uri", "https://other.example/"}, "", ErrNone},
	} {
		got, _, err := call(t, tt.name, tt.stdin, tt.environ, tt.args...)
		if got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%s:\ngot %q, %v\nwant %q, %v", tt.claim, got, err, tt.want, tt.err)
		}
	}
}

func TestHelpersFailWithoutPrintingAnything(t *testing.T) {
	for _, tt := range []struct {
		name, stdin string
		args        []string
	}{
		{"keyring", "", []string{"set", ours}},
		{"keyring", "", []string{"get", "https://denied/"}},
		{"bazel", "{", []string{"get"}},
		{"bazel", `{"uri":"https://denied/"}`, []string{"get"}},
		{"bazel", "", nil},
		{"bazel", "", []string{"get"}},
		{"bazel", `{"uri":"` + ours + `"}`, []string{"store"}},
		{"nuget", "", nil},
		{"pnpm", "", nil},
	} {
		if got, _, err := call(t, tt.name, tt.stdin, nil, tt.args...); err == nil || got != "" {
			t.Errorf("%s %v: got %q, %v, want an error", tt.name, tt.args, got, err)
		}
	}
}

// TestNuGetPluginConverses says what NuGet says, in its order.
func TestNuGetPluginConverses(t *testing.T) {
	request := func(method, payload string) string {
		return `{"RequestId":"` + method + `","Type":"Request","Method":"` + method + `","Payload":` + payload + "}\r\n"
	}
	out, refused, err := call(t, "nuget", "\ufeff"+request("Handshake", `{"ProtocolVersion":"2.0.0","MinimumProtocolVersion":"1.0.0"}`)+
		`{"RequestId":"x","Type":"Response","Method":"Handshake","Payload":{"ResponseCode":"Success","ProtocolVersion":"2.0.0"}}`+"\n"+
		request("MonitorNuGetProcessExit", `{"ProcessId":1}`)+
		request("Initialize", `{"ClientVersion":"6.0.0","Culture":"en-US","RequestTimeout":"00:00:05"}`)+
		request("GetOperationClaims", `{"PackageSourceRepository":null,"ServiceIndex":null}`)+
		request("GetAuthenticationCredentials", `{"Uri":"`+ours+`v3/index.json","IsRetry":true,"IsNonInteractive":true,"CanShowDialog":false}`)+
		request("GetAuthenticationCredentials", `{"Uri":"https://other.example/"}`)+
		request("GetAuthenticationCredentials", `{"Uri":"https://denied/"}`)+
		request("PrefetchPackage", `{}`)+request("Close", `{}`)+request("Initialize", `{}`), nil, "-Plugin")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`Handshake {"ProtocolVersion":"2.0.0","MinimumProtocolVersion":"1.0.0"}`,
		`Handshake {"ResponseCode":"Success","ProtocolVersion":"2.0.0"}`,
		`MonitorNuGetProcessExit {"ResponseCode":"Success"}`,
		`Initialize {"ResponseCode":"Success"}`,
		`GetOperationClaims {"Claims":["Authentication"]}`,
		`GetAuthenticationCredentials {"ResponseCode":"Success","Username":"aws","Password":"TOKEN","AuthenticationTypes":["basic"]}`,
		`GetAuthenticationCredentials {"ResponseCode":"NotFound"}`,
		`GetAuthenticationCredentials {"ResponseCode":"Error","Message":"you may not"}`,
		`PrefetchPackage {"ResponseCode":"NotFound"}`,
	}
	var got []string
	for line := range strings.Lines(out) {
		var m nugetMessage
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		got = append(got, m.Method+" "+string(m.Payload))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if refused != 1 {
		t.Errorf("got %d refusals, want that of the retry", refused)
	}
}

func TestLocateFindsRepositoriesOnly(t *testing.T) {
	for _, tt := range []struct {
		address string
		want    Address
		amazon  bool
	}{
		{"https://my-team-123456789012.d.codeartifact.eu-west-1.amazonaws.com/pypi/app/simple/", Address{"https://my-team-123456789012.d.codeartifact.eu-west-1.amazonaws.com", "my-team", "123456789012", "app", "pypi", "eu-west-1"}, true},
		{"http://127.0.0.1:8484/npm/d/team-123456789012/app/@a%2fb", Address{"http://127.0.0.1:8484", "team", "123456789012", "app", "npm", ""}, false},
		{"https://vpce-0a.d.codeartifact.us-east-1.vpce.amazonaws.com/npm/d/team-123456789012/app/", Address{"https://vpce-0a.d.codeartifact.us-east-1.vpce.amazonaws.com", "team", "123456789012", "app", "npm", ""}, true},
		{"https://team-123456789012.d.codeartifact.eu-west-1.example.com:8443/npm/app/", Address{"https://team-123456789012.d.codeartifact.eu-west-1.example.com:8443", "team", "123456789012", "app", "npm", "eu-west-1"}, false},
		{"http://team-123456789012.d.codeartifact.eu-west-1.amazonaws.com/npm/app/", Address{"http://team-123456789012.d.codeartifact.eu-west-1.amazonaws.com", "team", "123456789012", "app", "npm", "eu-west-1"}, false},
		{"https://x.amazonaws.com/npm/d/team-123456789012/app/", Address{"https://x.amazonaws.com", "team", "123456789012", "app", "npm", ""}, false},
		{address: "https://pypi.example/simple/"},
		{address: "https://h/npm/d/team-1234/app/"},
		{address: "https://h/npm/d/-123456789012/app/"},
		{address: "https://h/npm/d/team-123456789012/"},
		{address: "/npm/d/team-123456789012/app/"},
		{address: "team-123456789012"},
		{address: "%"},
		{address: ""},
	} {
		got, ok := Locate(tt.address)
		if got != tt.want || ok != (tt.want != Address{}) || got.Amazon() != tt.amazon {
			t.Errorf("%s: got %+v, %v, %v, want %+v, %v", tt.address, got, ok, got.Amazon(), tt.want, tt.amazon)
		}
	}
}

func FuzzHelpers(f *testing.F) {
	f.Add(`{"v":1,"registry":{"index-url":"` + ours + `"},"kind":"get"}`)
	f.Add(`{"RequestId":"1","Type":"Request","Method":"GetAuthenticationCredentials","Payload":null}`)
	f.Add("https://a-123456789012.d.codeartifact.x.y/npm/r/")
	f.Fuzz(func(t *testing.T, text string) {
		for name, args := range map[string][]string{"cargo": {"--cargo-plugin"}, "bazel": {"get"}, "nuget": {"-Plugin"}} {
			if out, _, _ := call(t, name, text, nil, args...); strings.Contains(out, "TOKEN") && !strings.Contains(text, "packages.example.com") {
				t.Errorf("%s: got a token for %q", name, text)
			}
		}
		if a, ok := Locate(text); ok && (a.Domain == "" || len(a.Owner) != 12 || a.Repository == "" || a.Format == "") {
			t.Errorf("got %+v of %q", a, text)
		}
	})
}
