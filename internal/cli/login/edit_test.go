package login

import "testing"

func TestPypircIsReadAsTheAWSCLIsIs(t *testing.T) {
	const server = "repository = EP\nusername = aws\npassword = T\n"
	for _, tt := range []struct{ claim, old, want string }{
		{"a list on one line", "[distutils]\nindex-servers = pypi\n", "[distutils]\nindex-servers = pypi\n\tcodeartifact\n\n[codeartifact]\n" + server + "\n"},
		{"no end of line", "[distutils]\nindex-servers=\n pypi", "[distutils]\nindex-servers=\n pypi\n\tcodeartifact\n\n[codeartifact]\n" + server + "\n"},
		{
			"indented", "[distutils]\n  index-servers =\n    pypi\n  a = b\n[codeartifact]\n  repository = x\n",
			"[distutils]\n  index-servers =\n    pypi\n  \tcodeartifact\n  a = b\n[codeartifact]\n  repository = EP\n  username = aws\n  password = T\n",
		},
		{
			"known, with keys of its own", "[distutils]\nindex-servers =\n\tcodeartifact\n[codeartifact]\n; old\nPassword: x\n  y\nca_cert = c\n",
			"[distutils]\nindex-servers =\n\tcodeartifact\n[codeartifact]\n; old\npassword = T\nca_cert = c\nrepository = EP\nusername = aws\n",
		},
	} {
		got, err := pypirc("/p", []byte(tt.old), &Request{Endpoint: "EP", Token: "T"})
		if err != nil || string(got) != tt.want {
			t.Errorf("%s:\ngot %v\n%s\nwant\n%s", tt.claim, err, got, tt.want)
		}
	}
}

func TestPypircIsRefusedAsByTheAWSCLI(t *testing.T) {
	for _, tt := range []struct{ old, want string }{
		{"", "No section: 'distutils'"},
		{"[distutils]\n", "No option 'index-servers' in section: 'distutils'"},
		{"asdf\n", "File contains no section headers.\nfile: '/p', line: 1\n'asdf\\n'"},
		{"asdf", "File contains no section headers.\nfile: '/p', line: 1\n'asdf'"},
		{"[distutils]\nindex-servers = a\n[distutils]\n", "While reading from '/p' [line  3]: section 'distutils' already exists"},
		{"[distutils]\nindex-servers = a\n\nnoval\n", "Source contains parsing errors: '/p'\n\t[line  4]: 'noval\\n'"},
	} {
		_, err := pypirc("/p", []byte(tt.old), request())
		if err == nil || err.Error() != tt.want {
			t.Errorf("%q: got %v, want %s", tt.old, err, tt.want)
		}
	}
}

func TestNetrcReplacesOrAppends(t *testing.T) {
	const line = "machine h.example login token password T\n"
	for _, tt := range []struct{ claim, old, want string }{
		{"empty", "", "\n" + line},
		{"of others", "machine o login a password b", "machine o login a password b\n" + line},
		{"several lines", "machine h.example\n  login me\n  password OLD\n", "machine h.example\n  login me\n  password T\n"},
		{
			"each of them", "machine h.example login a password b\nmachine h.example login c password d\n",
			"machine h.example login a password T\nmachine h.example login c password T\n",
		},
		{"another host that ends alike", "xmachine hxexample login a password b\n", "xmachine hxexample login a password b\n" + line},
		{"the same again", line, line + line},
		{"of Windows", "machine h.example login a password b\r\n", "machine h.example login a password T\n"},
	} {
		if got := string(netrc([]byte(tt.old), "h.example", "T")); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.claim, got, tt.want)
		}
	}
}

func TestEditorsRefuseWhatTheyWouldBreak(t *testing.T) {
	for _, tt := range []struct {
		claim string
		edit  func() ([]byte, error)
	}{
		{"an inline table", func() ([]byte, error) {
			return tabulate("p", []byte("[registries]\nteam-app = { index = 'x' }\n"), table{"registries.team-app", nil})
		}},
		{"dotted keys", func() ([]byte, error) {
			return tabulate("p", []byte("registries.team-app.index = 'x'\n"), table{"registries.team-app", nil})
		}},
		{"an inline array", func() ([]byte, error) { return uvConfig("p", []byte("index = [{ url = 'x' }]\n"), request()) }},
		{"a flow mapping", func() ([]byte, error) { return nest("p", []byte("a: {b: c}\n"), "v", "a", "b") }},
		{"a text of several lines", func() ([]byte, error) {
			return tabulate("p", []byte("[a]\nb = \"\"\"\n[c]\n\"\"\"\n"), table{"c", []pair{{"d", "1"}}})
		}},
		{"a text that goes on", func() ([]byte, error) { return uvConfig("p", []byte("publish-url = \"\"\"\nx\"\"\"\n"), request()) }},
		{"a key in two places", func() ([]byte, error) { return nest("p", []byte("? a\n: b\n"), "v", "a") }},
		{"no TOML", func() ([]byte, error) { return tabulate("p", []byte("[a\n"), table{"c", []pair{{"d", "1"}}}) }},
		{"no YAML", func() ([]byte, error) { return nest("p", []byte("a: [b\n"), "v", "c") }},
		{"broken XML", func() ([]byte, error) { return embed("p", []byte("<settings>"), listed{"a", "b", "<c/>"}) }},
		{"no XML", func() ([]byte, error) { return embed("p", nil, listed{"a", "b", "<c/>"}) }},
	} {
		if got, err := tt.edit(); err == nil {
			t.Errorf("%s: got\n%s\nwant an error", tt.claim, got)
		}
	}
}
