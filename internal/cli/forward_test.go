package cli_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/cli"
	"larder.example/larder/internal/testenv"
)

func TestProxyListensToThisMachineOnly(t *testing.T) {
	e := testenv.New(t)
	got := larder(t, e, "proxy --domain team --repository app --listen 0.0.0.0:0")
	if want := "argument --listen: 0.0.0.0:0 is not on the loopback interface"; got.code != 252 || !strings.Contains(got.stderr, want) {
		t.Errorf("got %+v, want %s", got, want)
	}
}

// The proxy is told to end while a package is on its way.
func TestProxyLetsWhatIsInFlightFinish(t *testing.T) {
	begun, release := make(chan struct{}), make(chan struct{})
	mux := http.NewServeMux()
	registry := httptest.NewServer(mux)
	t.Cleanup(registry.Close)
	say := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(v) //nolint:errcheck // the client would say so
	}
	mux.HandleFunc("/v1/authorization-token", func(w http.ResponseWriter, _ *http.Request) {
		say(w, map[string]any{"authorizationToken": "T", "expiration": time.Now().Add(time.Hour).Unix()})
	})
	mux.HandleFunc("/v1/repository/endpoint", func(w http.ResponseWriter, _ *http.Request) {
		say(w, map[string]any{"repositoryEndpoint": registry.URL + "/npm/d/team-123456789012/app/"})
	})
	mux.HandleFunc("/npm/d/team-123456789012/app/thing.tgz", func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		<-release
		io.WriteString(w, "late")
	})

	ctx, end := context.WithCancel(t.Context())
	defer end()
	said, out := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- cli.Main(ctx, &cli.Process{
			Args: []string{"proxy", "--domain", "team", "--repository", "app"}, Stdout: out, Stderr: t.Output(),
			Environ: []string{"HOME=" + t.TempDir(), "AWS_ENDPOINT_URL=" + registry.URL, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b"},
		})
		out.Close()
	}()
	lines := bufio.NewScanner(said)
	lines.Scan()
	base := lines.Text()
	go io.Copy(io.Discard, said) //nolint:errcheck // it ends with the proxy

	got := make(chan string, 1)
	go func() {
		answer, err := http.Get(base + "/npm/d/team-123456789012/app/thing.tgz") //nolint:noctx // the proxy ends it
		if err != nil {
			got <- err.Error()
			return
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			body = []byte(err.Error())
		}
		got <- string(body)
	}()
	<-begun
	end()
	var dialer net.Dialer
	for { // until nobody listens any more
		c, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(base, "http://"))
		if err != nil {
			break
		}
		c.Close() //nolint:gosec // nothing was sent
	}
	close(release)
	if body, exit := <-got, <-code; body != "late" || exit != 0 {
		t.Errorf("got %q and %d, want what was late and 0", body, exit)
	}
}
