package story

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"larder.example/larder/internal/testenv"
)

// Run runs the stories in a directory. Our programs are for the test's
// TestMain to register.
//
// Beside testscript's commands there are
//
//	registry                   start a registry with what quickstart makes, and load its env.sh
//	clock DURATION             move that registry's clock
//	issuer                     start an identity provider, which a registry that is started afterwards
//	                           may fetch from; $ISSUER is its URL, $ISSUER_HOST that without https://
//	identify CLAIMS TOKEN      write a token of that provider's with the claims in a file
//	postgres                   put the URL of an empty PostgreSQL database into $LARDER_META
//	ready [FILE]               wait until larderd serves, and load data/env.sh, or another file that
//	                           says where
//	terminate                  send larderd a SIGTERM
//	client NAME...             put real clients first in PATH, and the last one's directory into $CLIENT
//	build NAME                 build the Go program in testdata/clients/NAME and put it in PATH
//	as USER [POLICY-FILE...]   load an access key of an IAM user, who is made if need be
//	admin                      load quickstart's own access key again
//	token [DOMAIN]             put an authorization token for team, or another domain, into $TOKEN
//	http METHOD PATH STATUS [BODY-FILE]
//	                           send a request with $TOKEN, below $ENDPOINT unless PATH begins
//	                           with a slash or is a URL; stdout is what it is answered
//	expand FILE...             put variables of the environment into files
//	operations SERVICE FILE    write the names of all operations of iam or sts
//	page PAGE                  write the sh blocks of a page of docs, which our tests are two
//	                           directories away from, to 1.sh, 2.sh and so on
func Run(t *testing.T, dir string) {
	t.Helper()
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		Setup:               setUp,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"registry": startRegistry, "clock": moveClock, "issuer": startIssuer, "identify": identify, "postgres": usePostgres, "ready": ready, "terminate": terminate,
			"client": useClients, "build": build, "expand": expand,
			"as": as, "admin": admin, "token": token, "http": request, "operations": operations, "page": page,
		},
	})
}

// story is what the commands of one story share.
type story struct {
	t        testing.TB
	registry *testenv.Env    // nil: larderd is a process of its own, or not yet started
	issuer   *testenv.Issuer // nil: not yet started
}

type storyKey struct{}

func storyOf(ts *testscript.TestScript) *story { return ts.Value(storyKey{}).(*story) }

// setUp makes an environment in which no client finds, or leaves, anything
// outside the story.
func setUp(env *testscript.Env) error {
	t := env.T().(testing.TB)
	env.Values[storyKey{}] = &story{t: t}
	home := filepath.Join(env.WorkDir, "home")
	port, err := freePort(t)
	other, err2 := freePort(t)
	contrib, err3 := filepath.Abs("../../contrib")
	for _, v := range [...]struct{ name, value string }{
		{"HOME", home},
		{"CONTRIB", contrib},
		{"PORT", port},
		{"OTHER_PORT", other},
		{"TZ", "UTC"},
		{"AWS_EC2_METADATA_DISABLED", "true"},
		{"NO_UPDATE_NOTIFIER", "1"},
		{"npm_config_update_notifier", "false"},
		{"YARN_ENABLE_TELEMETRY", "0"},
		{"YARN_CACHE_FOLDER", filepath.Join(home, ".cache", "yarn")}, // root's is outside HOME, for yarn 1
		{"DO_NOT_TRACK", "1"},
		{"LARDER_DISCOVER", "false"},     // a story has the packages that it makes, unless it says otherwise
		{"GORACE", "atexit_sleep_ms=10"}, // a second, else, at each end of larderd
	} {
		env.Setenv(v.name, v.value)
	}
	return errors.Join(err, err2, err3, os.MkdirAll(home, 0o700))
}

// freePort returns a port that nobody listens on.
func freePort(t testing.TB) (string, error) {
	var c net.ListenConfig
	l, err := c.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}

func usage(ts *testscript.TestScript, neg bool, args []string, least, most int, text string) {
	if neg || len(args) < least || len(args) > most {
		ts.Fatalf("usage: %s", text)
	}
}
