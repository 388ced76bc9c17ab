package doctor

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// place is a file that a package manager reads addresses from, and those that
// it reads tokens from, all below the home directory.
type place struct {
	tool, file string
	tokens     string // another file; empty: the same alone
}

// places are the files that a login writes.
var places = [...]place{
	{"npm", ".npmrc", ""},
	{"pnpm", ".config/pnpm/auth.ini", ""},
	{"yarn", ".yarnrc.yml", ""},
	{"pip", ".config/pip/pip.conf", ""},
	{"pip", ".pip/pip.conf", ""},
	{"twine", ".pypirc", ""},
	{"uv", ".config/uv/uv.toml", ""},
	{"poetry", ".config/pypoetry/config.toml", ".config/pypoetry/auth.toml"},
	{"maven", ".m2/settings.xml", ""},
	{"sbt", ".sbt/1.0/*.sbt", ".sbt/*.credentials"},
	{"gradle", ".gradle/init.d/*.gradle", ".gradle/gradle.properties"},
	{"cargo", ".cargo/config.toml", ".cargo/credentials.toml"},
	{"gem", ".gemrc", ".gem/credentials"},
	{"bundler", ".bundle/config", ""},
	{"nuget", ".nuget/NuGet/NuGet.Config", ""},
	{"swift", ".swiftpm/configuration/registries.json", ".netrc"},
}

// Configured is an address that a package manager is pointed at.
type Configured struct {
	Tool    string
	File    string
	Address string // without what was secret in it
	Token   string // that is the address's own by how it stands there; not to be told

	// Words are what may be a token, of this registry or of any other: to be
	// looked up, and neither to be told nor to be sent.
	Words []Word
}

// Word is a word of a file.
type Word struct {
	Text, File string
	Open       bool // others may read the file
}

// Tools returns where package managers are pointed at addresses that are
// wanted.
func Tools(home string, wanted func(address string) bool) []Configured {
	var found []Configured
	for _, p := range places {
		var beside []Word
		for _, file := range matches(home, p.tokens) {
			if text, open, err := load(file); err == nil {
				beside = append(beside, words(text, file, open)...)
			}
		}
		for _, file := range matches(home, p.file) {
			if text, open, err := load(file); err == nil {
				found = append(found, read(p.tool, file, text, append(words(text, file, open), beside...), wanted)...)
			}
		}
	}
	return found
}

// matches returns the files below a directory that a pattern names.
func matches(home, pattern string) []string {
	if pattern == "" {
		return nil
	}
	files, err := filepath.Glob(filepath.Join(home, filepath.FromSlash(pattern)))
	if err != nil {
		return nil // of a home whose name is a pattern
	}
	return files
}

func load(file string) (text []byte, open bool, err error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, false, err
	}
	text, err = os.ReadFile(file)
	return text, runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0, err
}

// likeToken matches what may be a token: those of Larder and of AWS are longer
// than most words, and made of these characters.
var likeToken = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[A-Za-z0-9_.-]{40,}`) })

func words(text []byte, file string, open bool) []Word {
	var found []Word
	for _, m := range likeToken().FindAll(text, -1) {
		found = append(found, Word{string(m), file, open})
	}
	return found
}

var addresses = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`https?://[^\s"'<>\\]+`) })

// spelled undoes what files do to addresses: JSON may escape slashes, and
// bundler has capitals and underscores in keys.
func spelled(tool string, text []byte) []byte {
	switch tool {
	case "bundler":
		text = []byte(strings.NewReplacer("___", "-", "__", ".", `/: `, `/ `).Replace(strings.ToLower(string(text))))
	case "swift":
		text = bytes.ReplaceAll(text, []byte(`\/`), []byte("/"))
	}
	return text
}

func read(tool, file string, text []byte, all []Word, wanted func(string) bool) []Configured {
	var found []Configured
	for _, m := range addresses().FindAll(spelled(tool, text), -1) {
		address, token := bare(string(m))
		known := slices.ContainsFunc(found, func(c Configured) bool { return c.Address == address })
		if known || !wanted(address) {
			continue
		}
		if token == "" {
			token = keyed(text, address)
		}
		found = append(found, Configured{Tool: tool, File: file, Address: address, Token: token, Words: all})
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

// keyed returns the token that npm's files have for an address.
func keyed(text []byte, address string) string {
	_, key, _ := strings.Cut(address, ":")
	for line := range bytes.Lines(text) {
		if rest, found := bytes.CutPrefix(bytes.TrimSpace(line), []byte(key+":_authToken")); found {
			_, value, _ := strings.Cut(string(rest), "=")
			return strings.Trim(value, ` "'`)
		}
	}
	return ""
}
