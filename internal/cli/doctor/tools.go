package doctor

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// place is a file that a package manager reads below the home directory.
type place struct{ tool, file string }

// places are the files that a login writes.
var places = [...]place{
	{"npm", ".npmrc"},
	{"pnpm", ".config/pnpm/auth.ini"},
	{"yarn", ".yarnrc.yml"},
	{"pip", ".config/pip/pip.conf"},
	{"pip", ".pip/pip.conf"},
	{"twine", ".pypirc"},
	{"uv", ".config/uv/uv.toml"},
	{"poetry", ".config/pypoetry/config.toml"},
	{"maven", ".m2/settings.xml"},
	{"sbt", ".sbt/1.0/*.sbt"},
	{"gradle", ".gradle/init.d/*.gradle"},
	{"cargo", ".cargo/config.toml"},
	{"gem", ".gemrc"},
	{"nuget", ".nuget/NuGet/NuGet.Config"},
	{"swift", ".swiftpm/configuration/registries.json"},
}

// Configured is an address that a package manager is pointed at.
type Configured struct {
	Tool    string
	File    string
	Address string // without what was secret in it
	Open    bool   // others may read the file
	Token   string // that stands in the file, to be looked up and not to be told
}

// Tools returns where package managers are pointed at addresses that are
// wanted.
func Tools(home string, wanted func(address string) bool) []Configured {
	var found []Configured
	for _, p := range places {
		files, err := filepath.Glob(filepath.Join(home, filepath.FromSlash(p.file)))
		if err != nil {
			continue // of a home whose name is a pattern
		}
		for _, file := range files {
			found = append(found, read(p.tool, file, wanted)...)
		}
	}
	return found
}

// addresses matches URLs, and what npm has in their place for keys.
var addresses = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`https?://[^\s"'<>\\]+`) })

func read(tool, file string, wanted func(string) bool) []Configured {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	info, err := os.Stat(file)
	if err != nil {
		return nil
	}
	var found []Configured
	for _, m := range addresses().FindAll(text, -1) {
		address, token := bare(string(m))
		known := slices.ContainsFunc(found, func(c Configured) bool { return c.Address == address })
		if known || !wanted(address) {
			continue
		}
		if token == "" {
			token = beside(text)
		}
		found = append(found, Configured{
			Tool: tool, File: file, Address: address, Token: token,
			Open: token != "" && info.Mode().Perm()&0o077 != 0,
		})
	}
	return found
}

// bare takes the password out of an address.
func bare(address string) (without, password string) {
	scheme, rest, _ := strings.Cut(address, "://")
	authority, path, slash := strings.Cut(rest, "/")
	if slash {
		path = "/" + path
	}
	i := strings.LastIndexByte(authority, '@')
	if i < 0 {
		return address, ""
	}
	_, password, _ = strings.Cut(authority[:i], ":")
	return scheme + "://" + authority[i+1:] + path, password
}

// beside returns the token that stands by itself in a file, by the names that
// files have for it.
func beside(text []byte) string {
	for line := range bytes.Lines(text) {
		for _, key := range [...]string{"_authToken=", "npmAuthToken:", "password =", "<password>"} {
			if _, rest, found := bytes.Cut(line, []byte(key)); found {
				rest, _, _ = bytes.Cut(rest, []byte("</"))
				return strings.Trim(string(rest), " \"'\r\n\t")
			}
		}
	}
	return ""
}
