package arch

// A room is a package, or several under one rule.
type room struct {
	path    string   // as roomOf spells it; * is any one name
	sees    []string // the rooms it may import; nil is all that stand lower
	modules []string // the modules or packages from outside that it may import, each with all below it
}

// storeys is the ground plan: a room imports from lower storeys only, and
// rooms on one storey do not know each other.
var storeys = [...][]room{
	0: {
		{path: "."},
	},
	1: {
		{path: "archive"},
		{path: "audit"},
		{path: "blob"},
		{path: "config"},
		{path: "keyring"},
		{path: "machine", sees: nothing},
		{path: "meta"},
		{path: "outbound", modules: []string{"github.com/klauspost/compress/gzip"}},
		{path: "packagegroup", modules: []string{"golang.org/x/text/unicode/norm"}},
		{path: "policy"},
		{path: "sigv4"},
		{path: "throttle"},
		{path: "webidentity", modules: []string{"github.com/go-jose/go-jose/v4"}},
		{path: "wire"},
	},
	2: {
		{path: "api/codeartifact", sees: contract},
		{path: "api/iam", sees: contract},
		{path: "api/larder", sees: contract},
		{path: "api/sts", sees: contract},
		{path: "blob/blobtest"},
		{path: "blob/dir", modules: []string{"golang.org/x/sys"}},
		{path: "blob/s3", modules: []string{"github.com/minio/minio-go/v7"}},
		{path: "cli/profile", sees: nothing},
		{path: "cli/value", sees: nothing},
		{path: "format", sees: []string{"."}},
		{path: "identity", modules: []string{"golang.org/x/sync"}},
		{path: "meta/metatest"},
		{path: "meta/postgres", modules: []string{"github.com/jackc/pgx/v5"}},
		{path: "meta/sqlite", modules: []string{"modernc.org/sqlite"}},
		{path: "wire/awsquery", sees: contract},
		{path: "wire/restjson", sees: contract},
	},
	3: {
		{path: "cli/args", sees: remote, modules: []string{"go.yaml.in/yaml/v3"}},
		{path: "cli/cache", sees: nothing, modules: []string{"github.com/rogpeppe/go-internal/lockedfile"}},
		{path: "cli/credentials", sees: remote},
		{path: "cli/doctor", sees: nothing},
		{path: "cli/helper", sees: nothing},
		{path: "cli/login", sees: remote, modules: []string{"github.com/BurntSushi/toml", "go.yaml.in/yaml/v3"}},
		{path: "cli/output", sees: remote, modules: []string{"golang.org/x/term", "golang.org/x/text"}},
		{path: "cli/operation", sees: remote},
		{path: "cli/mirror", sees: []string{"."}, modules: []string{"github.com/BurntSushi/toml", "go.yaml.in/yaml/v3"}},
		{path: "cli/proxy", sees: nothing},
		{path: "cli/query", sees: remote},
		{path: "client", sees: remote},
		{path: "format/cargo", sees: seam, modules: []string{versions, "github.com/BurntSushi/toml"}},
		{path: "format/generic", sees: seam},
		{path: "format/maven", sees: seam},
		{path: "format/npm", sees: seam, modules: []string{versions}},
		{path: "format/nuget", sees: seam, modules: []string{versions}},
		{path: "format/pypi", sees: seam, modules: []string{"golang.org/x/crypto/blake2b", "golang.org/x/net/html"}},
		{path: "format/ruby", sees: seam, modules: []string{versions, "go.yaml.in/yaml/v4"}},
		{path: "format/swift", sees: seam, modules: []string{versions}},
		{path: "registry", modules: []string{"golang.org/x/sync"}},
		{path: "token"},
	},
	4: {
		{path: "cli", sees: []string{".", "api/*", "wire", "wire/*", "sigv4", "config", "client", "cli/*"}, modules: []string{"golang.org/x/term"}},
		{path: "console", sees: []string{".", "api/*", "wire", "wire/*", "sigv4", "config", "client", "keyring"}},
		{path: "control"},
		{path: "control/iam"},
		{path: "control/larder"},
		{path: "control/sts"},
		{path: "data", modules: []string{"github.com/klauspost/compress/gzip"}},
	},
	5: {
		{path: "server", modules: []string{
			"github.com/prometheus/client_golang",
			"golang.org/x/sync",
			"golang.org/x/sys",
		}},
		{path: "testenv/clients", sees: nothing, modules: []string{"github.com/rogpeppe/go-internal/lockedfile"}},
		{path: "testenv/golden", sees: nothing, modules: []string{"golang.org/x/tools/txtar"}},
		{path: "testenv/postgres", sees: nothing, modules: []string{"github.com/jackc/pgx/v5"}},
		{path: "testenv/upstream", sees: nothing, modules: []string{"github.com/klauspost/compress/gzip"}},
	},
	6: {
		{path: "arch", sees: nothing},
		{path: "cmd/larder", sees: []string{".", "cli"}},
		{path: "cmd/larderd"},
		{path: "testenv", modules: []string{"github.com/rogpeppe/go-internal", "github.com/go-jose/go-jose/v4"}}, // as an identity provider
	},
	7: {
		{path: "testenv/story", modules: []string{"github.com/rogpeppe/go-internal/testscript"}},
		{path: "tools/load", modules: []string{"modernc.org/sqlite"}}, // its floor is a database without the rest
		{path: "tools/*", modules: []string{"golang.org/x/sync"}},
	},
}

// What several rooms see alike.
var (
	nothing  = []string{}
	contract = []string{".", "wire"}
	// remote is all that a program on the other side of the network may
	// know: none of it may lead to the server, to SQL or to stored bytes.
	remote = []string{".", "api/*", "wire", "wire/*", "sigv4", "config", "cli/profile", "cli/value"}
	// seam keeps eight formats alike.
	seam = []string{".", "format", "archive"}
)

// versions orders the versions of every package manager.
const versions = "deps.dev/util/semver"

// reserved rooms are imported by those named here only, wherever they stand.
var reserved = map[string][]string{
	// Implementations reach everyone else as values.
	"blob/dir":      {"server", "testenv"},
	"blob/s3":       {"server", "testenv"},
	"format/*":      {"server", "testenv"},
	"meta/postgres": {"server", "testenv"},
	"meta/sqlite":   {"server", "testenv"},

	"cli":       {"cmd/larder", "tools/*"},
	"machine":   {"server"},
	"cli/*":     {"cli", "cli/*"},
	"testenv":   {"testenv/story", "tools/*"},
	"testenv/*": {"testenv", "testenv/story", "tools/*"},

	"blob/blobtest": nothing, // for tests, which this rule does not read
	"meta/metatest": nothing,
}

// standard holds packages of the standard library that only some rooms may
// import, each with all below it.
var standard = map[string][]string{
	// The rules do not know HTTP. A bucket does: its client is one of HTTP;
	// and so does outbound, whose types are free of it.
	"net/http": {
		"wire", "wire/*", "outbound", "sigv4", "format", "format/*", "blob/s3",
		"client", "cli", "cli/*", "control", "control/*", "data", "console", "server",
		"cmd/*", "testenv", "testenv/*", "tools/*",
	},
	"database/sql": {"meta", "meta/*", "tools/load"},
	"os/exec":      {"cli", "cli/*", "machine", "testenv", "testenv/*", "tools/*"}, // a server runs no programs, but for its first start
	"testing":      {"blob/blobtest", "meta/metatest", "testenv", "testenv/*"},
	"C":            nothing, // every binary is built without cgo
	"plugin":       nothing,
	"unsafe":       nothing,
}
