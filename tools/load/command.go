package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// commandName is the measurement of whole processes.
const commandName = "command"

// commandRounds is how often each process of a row is started, in turn.
const commandRounds = 30

// command measures whole processes: the command beside a program that makes
// the same signed call and nothing else, and beside the AWS CLI; a login
// beside the commands that it runs of npm.
func command(ctx context.Context, l *larderd, dir string, w io.Writer) error {
	home := filepath.Join(dir, "home")
	if err := os.MkdirAll(home, 0o700); err != nil {
		return err
	}
	env := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "AWS_ENDPOINT_URL=" + l.client.URL, "AWS_REGION=" + l.client.Region,
		"AWS_ACCESS_KEY_ID=" + l.client.KeyID, "AWS_SECRET_ACCESS_KEY=" + l.client.Secret,
	}
	larder, err := build(ctx, dir, "cmd/larder")
	if err != nil {
		return err
	}
	minimal, err := build(ctx, dir, "tools/minimal")
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "Whole processes, in turn, %d of each: median and lowest wall time, and the median of the ratios to the first.\n\n", commandRounds)
	fmt.Fprintf(w, "| process | median, ms | lowest, ms | ratio |\n|---|---|---|---|\n")
	token := []string{"get-authorization-token", "--domain", "team"}
	of := [][]string{append([]string{larder}, token...), {minimal}, {larder, "--version"}}
	if aws, err := exec.LookPath("aws"); err == nil {
		of = append(of, append([]string{aws, "codeartifact"}, token...))
	}
	if err := inTurn(ctx, env, w, of); err != nil {
		return err
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return nil
	}
	err = inTurn(ctx, env, w, [][]string{
		{larder, "login", "--tool", "npm", "--domain", "team", "--repository", "app"},
		{npm, "config", "set", "registry", l.client.URL},
	})
	fmt.Fprintln(w)
	return err
}

// inTurn starts each of some commands again and again, and writes a row of
// each.
func inTurn(ctx context.Context, env []string, w io.Writer, of [][]string) error {
	took := make([][]time.Duration, len(of))
	ratios := make([][]float64, len(of))
	for round := range commandRounds + 1 {
		for i, line := range of {
			cmd := exec.CommandContext(ctx, line[0], line[1:]...)
			cmd.Env = env
			begin := time.Now()
			if err := cmd.Run(); err != nil {
				return errors.Join(fmt.Errorf("%s failed", filepath.Base(line[0])), err)
			}
			if round == 0 {
				continue // warms the page cache
			}
			took[i] = append(took[i], time.Since(begin))
			ratios[i] = append(ratios[i], float64(took[i][round-1])/float64(took[0][round-1]))
		}
	}
	for i, line := range of {
		slices.Sort(took[i])
		slices.Sort(ratios[i])
		fmt.Fprintf(w, "| %s %s | %.1f | %.1f | %.2f |\n", filepath.Base(line[0]), firstWord(line[1:]),
			milliseconds(took[i][commandRounds/2]), milliseconds(took[i][0]), ratios[i][commandRounds/2])
	}
	return nil
}

func firstWord(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
