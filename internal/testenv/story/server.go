package story

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/config"
	"larder.example/larder/internal/testenv"
	"larder.example/larder/internal/testenv/postgres"
)

const quickstartEnv = "data/env.sh"

func startRegistry(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 0, 0, "registry")
	s := storyOf(ts)
	var settings []func(*config.Config)
	if s.issuer != nil {
		settings = append(settings, s.issuer.Trusted)
	}
	s.registry = testenv.New(s.t, settings...)
	ts.Check(os.Symlink(s.registry.Dir, inWork(ts, "data")))
	u, err := url.Parse(s.registry.URL)
	ts.Check(err)
	ts.Setenv("PORT", u.Port())
	admin(ts, false, nil)
	loadEndpoint(ts)
}

func usePostgres(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 0, 0, "postgres")
	ts.Setenv("LARDER_META", postgres.DSN(storyOf(ts).t))
}

func moveClock(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 1, 1, "clock DURATION")
	d, err := time.ParseDuration(args[0])
	ts.Check(err)
	r := storyOf(ts).registry
	if r == nil {
		ts.Fatalf("only a registry in the test's process has a clock to move")
	}
	r.Clock.Advance(d)
}

func ready(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 0, 1, "ready [FILE]")
	file := append(args, quickstartEnv)[0]
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	late := time.After(30 * time.Second)
	for !isReady(ts, file) {
		select {
		case <-poll.C:
		case <-late:
			ts.Fatalf("larderd is not ready")
		}
	}
	if file == quickstartEnv {
		loadEndpoint(ts)
	}
}

// isReady reports whether larderd serves, once the file that says where is
// there. It was there before, if larderd was.
func isReady(ts *testscript.TestScript, file string) bool {
	if _, err := os.Stat(inWork(ts, file)); err != nil {
		return false
	}
	loadEnv(ts, file)
	status, _, err := fetch(ts, http.MethodGet, ts.Getenv("AWS_ENDPOINT_URL")+"/readyz", nil)
	return err == nil && status == http.StatusOK
}

// loadEndpoint sets what a package manager must be told.
func loadEndpoint(ts *testscript.TestScript) {
	out, err := client.Call(storyOf(ts).t.Context(), caller(ts), codeartifact.GetRepositoryEndpoint, &codeartifact.GetRepositoryEndpointInput{
		Domain: testenv.Domain, Repository: testenv.Repository, Format: larder.NPM,
	})
	ts.Check(err)
	ts.Setenv("ENDPOINT", out.RepositoryEndpoint)
	_, account, _ := strings.Cut(out.RepositoryEndpoint, testenv.Domain+"-")
	ts.Setenv("ACCOUNT", account[:12])
}

func terminate(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 0, 0, "terminate")
	pid, err := strconv.Atoi(strings.TrimSpace(ts.ReadFile(inWork(ts, "data/lock"))))
	ts.Check(err)
	p, err := os.FindProcess(pid)
	ts.Check(err)
	ts.Check(p.Signal(syscall.SIGTERM))
}

// inWork returns where a file of the story is, wherever the story has gone
// meanwhile.
func inWork(ts *testscript.TestScript, file string) string {
	return filepath.Join(ts.Getenv("WORK"), file)
}
