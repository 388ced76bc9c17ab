package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"larder.example/larder/internal/testenv/clients"
	"larder.example/larder/internal/testenv/golden"
)

// client returns the official AWS CLI.
func client(ctx context.Context) (string, error) {
	c, found := clients.Find("aws2")
	if !found {
		return "", errors.New("there is no client aws2")
	}
	if _, err := c.Install(ctx); err != nil {
		return "", err
	}
	dir, err := c.Dir()
	return filepath.Join(dir, "bin", "aws"), err
}

// recorder runs the cases of one group.
type recorder struct {
	aws    string
	home   string
	server *registry     // nil: answers are those that were recorded
	slots  chan struct{} // taken while a case runs
}

func (r *recorder) cases(name string) ([]golden.Case, error) {
	text, err := os.ReadFile(filepath.Join(directory, name+".cases"))
	if err != nil {
		return nil, err
	}
	cases, files, err := golden.ParseCases(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return cases, golden.MakeFiles(r.home, files)
}

func (r *recorder) record(ctx context.Context, name string) error {
	cases, err := r.cases(name)
	if err != nil {
		return err
	}
	records := make([]golden.Record, len(cases))
	group, ctx := errgroup.WithContext(ctx)
	if usesServer(cases) {
		group.SetLimit(1) // one changes what the next one sees
	}
	for i, c := range cases {
		f := &front{answers: c.Answers, server: r.server}
		group.Go(func() error {
			var err error
			if records[i], err = r.run(ctx, c, f); err != nil {
				return fmt.Errorf("%s: %s: %w", name, c.Line, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	fmt.Printf("%s: %d\n", name, len(records))
	return os.WriteFile(filepath.Join(directory, name+".golden"), golden.Format(records), 0o644)
}

// usesServer reports whether no case says what its requests are answered.
func usesServer(cases []golden.Case) bool {
	return !slices.ContainsFunc(cases, func(c golden.Case) bool { return len(c.Answers) > 0 })
}

// check compares what the AWS CLI does with every nth record.
func (r *recorder) check(ctx context.Context, name string, every int) []error {
	cases, err := r.cases(name)
	if err != nil {
		return []error{err}
	}
	text, err := os.ReadFile(filepath.Join(directory, name+".golden"))
	if err != nil {
		return []error{err}
	}
	records, err := golden.Parse(text)
	if err != nil || len(records) != len(cases) {
		return []error{fmt.Errorf("%s: %d cases, %d records: %w", name, len(cases), len(records), err)}
	}
	var failures []error
	for i := 0; i < len(cases); i += every {
		var answers []golden.Answer
		for _, e := range records[i].Exchanges {
			answers = append(answers, e.Answer)
		}
		got, err := r.run(ctx, cases[i], &front{answers: answers})
		if err == nil && !reflect.DeepEqual(got, records[i]) {
			err = fmt.Errorf("got\n%s\nwant\n%s", golden.Format([]golden.Record{got}), golden.Format(records[i:i+1]))
		}
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %s: %w", name, cases[i].Line, err))
		}
	}
	return failures
}

// run runs one case behind a front of its own.
func (r *recorder) run(ctx context.Context, c golden.Case, f *front) (golden.Record, error) {
	r.slots <- struct{}{}
	defer func() { <-r.slots }()
	server := httptest.NewServer(f)
	defer server.Close()
	f.url = server.URL
	env := []string{"HOME=" + r.home, "PATH=" + os.Getenv("PATH")}
	env = append(env, golden.Environment(server.URL)...)
	if r.server != nil {
		env = append(env, r.server.env...)
	}
	rec := golden.Record{Line: c.Line}
	cmd := exec.CommandContext(ctx, r.aws, c.Args...)
	cmd.Dir = r.home
	for _, v := range append(env, c.Env...) {
		cmd.Env = append(cmd.Env, strings.ReplaceAll(v, "$ENDPOINT", server.URL))
	}
	for i, a := range cmd.Args {
		cmd.Args[i] = strings.ReplaceAll(a, "$ENDPOINT", server.URL)
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return rec, err
	}
	rec.Exit = cmd.ProcessState.ExitCode()
	neutral := strings.NewReplacer(server.URL, "$ENDPOINT", r.home, "$HOME")
	rec.Stdout, rec.Stderr = neutral.Replace(stdout.String()), neutral.Replace(stderr.String())
	rec.Exchanges = f.exchanges
	return rec, errors.Join(f.failures...)
}

// front stands before the registry and writes down what passes.
type front struct {
	url    string
	server *registry

	mu        sync.Mutex // guards what is below
	answers   []golden.Answer
	exchanges []golden.Exchange
	failures  []error
}

// ServeHTTP implements http.Handler.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	e := golden.Exchange{Request: golden.Described(r, body)}
	switch {
	case err != nil:
	case len(f.answers) > 0:
		e.Answer = f.answers[0]
		f.answers = f.answers[1:]
	case f.server == nil:
		err = fmt.Errorf("an unexpected request: %s", e.Request)
		e.Answer.Status = http.StatusTeapot
	default:
		e.Answer, err = f.forward(r, body)
	}
	if err != nil {
		f.failures = append(f.failures, err)
	}
	f.exchanges = append(f.exchanges, e)
	e.Answer.Write(w)
}

// forward sends a request on under the name that it was signed for.
func (f *front) forward(r *http.Request, body []byte) (golden.Answer, error) {
	out, err := http.NewRequestWithContext(r.Context(), r.Method, f.server.url+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return golden.Answer{}, err
	}
	out.Header, out.Host = r.Header, r.Host
	res, err := http.DefaultTransport.RoundTrip(out)
	if err != nil {
		return golden.Answer{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return golden.Answer{Status: res.StatusCode, Header: golden.Kept(res.Header), Body: string(text)}, err
}
