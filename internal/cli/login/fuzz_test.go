package login

import (
	"encoding/xml"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"go.yaml.in/yaml/v3"
)

// An editor edits a file of one package manager. meaning reads what a file
// says, as others read it, without what the editor sets; it fails for what
// they would not read.
type editor struct {
	edit    func(old []byte) ([]byte, error)
	meaning func(text []byte) (any, error)
	seeds   []string
}

func editors() map[string]editor {
	r := request()
	r.Endpoint = "http://h.example:1/x/"
	return map[string]editor{
		"lines": {
			edit: func(old []byte) ([]byte, error) {
				return assign(old, pair{"registry", r.Endpoint}, pair{"//h.example:1/x/:_authToken", r.Token}), nil
			},
			meaning: otherLines,
			seeds: []string{
				"registry=http://o.example/\n", "a = b\n# c\n;d\n//o.example/:_authToken=T\n", "registry = a\nregistry=b\n[section]\nregistry=c\n", "a\r\nb=c",
			},
		},
		"pypirc": {
			edit:    func(old []byte) ([]byte, error) { return pypirc("p", old, r) },
			meaning: otherServers,
			seeds: []string{
				"[distutils]\nindex-servers=\n pypi\n", "[distutils]\nindex-servers = pypi\n# c\n[pypi]\nusername: a\npassword = b\n c\n",
				"[distutils]\n  index-servers = pypi\n  a = b\n[codeartifact]\n  repository = x\n  username = y\n  ca_cert = z\n",
			},
		},
		"yarn": {
			edit:    func(old []byte) ([]byte, error) { return berry("p", old, r) },
			meaning: otherSettings([]string{"npmRegistryServer"}, []string{"npmRegistries", "//h.example:1/x"}, []string{"unsafeHttpWhitelist"}),
			seeds: []string{
				"nodeLinker: node-modules\n", "npmRegistries:\n  \"//o.example\":\n    npmAuthToken: T\n", "npmRegistryServer: a\n# c\nplugins:\n- path: a\n  spec: b\n",
				"a: |\n  npmRegistryServer: x\nnpmScopes:\n  a: {npmRegistryServer: b}\n", "---\na: 'b\n\n  c'\n...\n", "{a: b}\n", "a: [\n1,\n2]\n", "a: >-\n  b\n", "- a\n", "\ta: b\n",
			},
		},
		"bundler": {
			edit: func(old []byte) ([]byte, error) {
				return nest("p", old, `"aws:`+r.Token+`"`, bundlerKey(r.Endpoint))
			},
			meaning: otherSettings([]string{bundlerKey(r.Endpoint)}),
			seeds:   []string{"---\nBUNDLE_PATH: \"vendor\"\n", "---\nBUNDLE_HTTP://H__EXAMPLE:1/X/: \"old\"\nBUNDLE_JOBS: \"4\"\n"},
		},
		"gem": {
			edit: func(old []byte) ([]byte, error) {
				return nest("p", old, "\n- "+parse(r.Endpoint).with(r.Token), ":sources")
			},
			meaning: otherSettings([]string{":sources"}),
			seeds:   []string{"---\n:sources:\n- https://rubygems.org/\n:verbose: true\n", ":sources: [a, b]\ngem: --no-document\n"},
		},
		"uv": {
			edit:    func(old []byte) ([]byte, error) { return uvConfig("p", old, r) },
			meaning: otherTables("publish-url", "index"),
			seeds: []string{
				"[[index]]\nname = \"a\"\nurl = \"http://o\"\ndefault = true\n", "publish-url = \"a\"\n[pip]\nindex-url = \"b\"\n",
				"a = \"\"\"\n[[index]]\ndefault = true\n\"\"\"\n", "index = []\n", "[[index]] # c\nurl = 'a' # d\n", "[pip]\nx = [\n  'a',\n]\n",
			},
		},
		"cargo": {
			edit: func(old []byte) ([]byte, error) {
				return tabulate("p", old, table{"registries.team-app", []pair{{"token", `"T"`}}})
			},
			meaning: otherTables("registries.team-app"),
			seeds: []string{
				"[registries.other]\ntoken = \"a\"\n", "[registries]\nteam-app = { token = 'a' }\n", "[registries.\"team-app\"]\ntoken='''\na\n'''\nindex = 'b'\n",
				"registries.team-app.token = 'a'\n", "[net]\nretry = 2\n[registry]\ndefault = 'team-app'\n", "[a]\nb = '''\n[registries.team-app]\n'''\n",
			},
		},
		"maven": {
			edit:    func(old []byte) ([]byte, error) { return mavenSettings("p", old, r) },
			meaning: otherElements,
			seeds: []string{
				"<settings><servers/></settings>", "<settings>\n  <!-- c -->\n  <servers>\n    <server><id>a</id><password>b</password></server>\n  </servers>\n</settings>\n",
				"<settings><servers><server><id>team-app</id></server></servers><x:y a='b'/></settings>", "<?xml version='1.0'?><settings><proxies><proxy><id>team-app</id></proxy></proxies></settings>",
				"<settings><servers><![CDATA[ ]]></servers></settings>", "<settings/>",
			},
		},
	}
}

// FuzzEditors edits whatever is there. What an editor takes, it takes again
// with its own output, which stays as it is; and what the file said of
// anything else, it says afterwards.
func FuzzEditors(f *testing.F) {
	all := editors()
	names := slices.Sorted(maps.Keys(all))
	for i, name := range names {
		f.Add(uint8(i), "")
		for _, seed := range all[name].seeds {
			f.Add(uint8(i), seed)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, old string) {
		name := names[int(which)%len(names)]
		e := all[name]
		old = strings.ReplaceAll(old, "\r", "") // which is no end of a line, alone
		began := time.Now()
		once, err := e.edit([]byte(old))
		if took := time.Since(began); took > time.Minute {
			t.Errorf("%s: got an end after %v", name, took)
		}
		if err != nil {
			return
		}
		if twice, err := e.edit(once); err != nil || string(once) != string(twice) {
			t.Errorf("%s of %q: got %v\n%q\nwant\n%q", name, old, err, twice, once)
		}
		before, err := e.meaning([]byte(old))
		if err != nil {
			return // which the package manager refuses as well
		}
		after, err := e.meaning(once)
		if err != nil || !reflect.DeepEqual(before, after) {
			t.Errorf("%s of %q: got %v\n%q\nwhich says %v, want %v", name, old, err, once, after, before)
		}
	})
}

// otherLines returns the lines that set nothing of ours, as npm reads them.
func otherLines(text []byte) (any, error) {
	head := true
	return slices.DeleteFunc(append([]string{}, split(text)...), func(line string) bool {
		head = head && !strings.HasPrefix(strings.TrimSpace(line), "[")
		key, _, _ := strings.Cut(line, "=")
		key = strings.TrimSpace(key)
		return strings.TrimSpace(line) == "" || head && (key == "registry" || key == "//h.example:1/x/:_authToken")
	}), nil
}

// otherServers returns what twine reads of other sections.
func otherServers(text []byte) (any, error) {
	f, err := parseINI("p", string(text))
	if err != nil {
		return nil, err
	}
	said := map[string]string{}
	for _, s := range f.sections {
		for _, o := range s.options {
			ours := s.name == "codeartifact" && slices.Contains([]string{"repository", "username", "password"}, o.key)
			if !ours && (s.name != "distutils" || o.key != "index-servers") {
				said[s.name+"/"+o.key] = strings.Join(o.lines, "")
			}
		}
	}
	if list := f.section("distutils").option("index-servers"); list != nil {
		said["index-servers"] = strings.Join(strings.Fields(strings.ReplaceAll(strings.Join(list.lines, ""), "\tcodeartifact\n", "")), " ")
	}
	return said, nil
}

// otherSettings returns what a YAML file says but for some paths.
func otherSettings(ours ...[]string) func([]byte) (any, error) {
	return func(text []byte) (any, error) {
		said := map[string]any{}
		if err := yaml.Unmarshal(text, &said); err != nil {
			return nil, err
		}
		for _, path := range ours {
			forget(said, path)
		}
		if said == nil { // of a null, which says as much as nothing
			said = map[string]any{}
		}
		return said, nil
	}
}

// forget removes what a path of keys leads to, and what is empty then.
func forget(m map[string]any, path []string) {
	if inner, ok := m[path[0]].(map[string]any); ok && len(path) > 1 {
		if forget(inner, path[1:]); len(inner) > 0 {
			return
		}
	}
	delete(m, path[0])
}

// otherTables returns what a TOML file says but for some keys.
func otherTables(ours ...string) func([]byte) (any, error) {
	return func(text []byte) (any, error) {
		said := map[string]any{}
		if err := toml.Unmarshal(text, &said); err != nil {
			return nil, err
		}
		for _, path := range ours {
			forget(said, strings.Split(path, "."))
		}
		return said, nil
	}
}

// node is an element of an XML file with all that is in it.
type node struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Text    string     `xml:",chardata"`
	Comment string     `xml:",comment"`
	Nodes   []*node    `xml:",any"`
}

// tidy takes blanks out that are for the eye.
func (n *node) tidy() {
	n.Text = strings.Join(strings.Fields(n.Text), "")
	for _, c := range n.Nodes {
		c.tidy()
	}
}

// otherElements returns what an XML file has but for what is called team-app.
func otherElements(text []byte) (any, error) {
	root := new(node)
	if err := xml.Unmarshal(text, root); err != nil {
		return nil, err
	}
	root.tidy()
	for _, list := range root.Nodes {
		if slices.Contains([]string{"servers", "profiles", "activeProfiles"}, list.XMLName.Local) {
			list.Nodes = slices.DeleteFunc(list.Nodes, func(n *node) bool {
				return n.Text == "team-app" || slices.ContainsFunc(n.Nodes, func(id *node) bool { return id.XMLName.Local == "id" && id.Text == "team-app" })
			})
			list.Nodes = append([]*node(nil), list.Nodes...) // nil, if there are none
		}
	}
	root.Nodes = slices.DeleteFunc(root.Nodes, func(n *node) bool { return len(n.Nodes) == 0 && n.Text == "" && n.Comment == "" && len(n.Attrs) == 0 })
	root.Nodes = append([]*node(nil), root.Nodes...)
	return root, nil
}
