package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"syscall"

	"golang.org/x/term"

	"larder.example/larder/internal/cli/credentials"
)

// paged calls print with a session whose output goes through a pager, if
// somebody watches it on a terminal.
func (s *Session) paged(ctx context.Context, print func(*Session) error) error {
	line := s.pagerLine()
	if _, watched := s.terminal(); !watched || len(credentials.ShellWords(line)) == 0 {
		return print(s)
	}
	p := &pager{ctx: ctx, machine: s.Process, line: line}
	machine := *s.Process
	machine.Stdout, machine.Watched = p, true
	shown := *s
	shown.Process = &machine
	return errors.Join(print(&shown), p.close())
}

// pagerLine returns the command line of the pager, in the AWS CLI's order;
// empty is none.
func (s *Session) pagerLine() string {
	if s.Globals.Set("no-cli-pager") {
		return ""
	}
	if line, set := s.lookup("AWS_PAGER"); set {
		return line
	}
	if s.files != nil {
		name, _ := s.ProfileName()
		p, _ := s.files.Profile(name)
		if line, set := p.Values["cli_pager"]; set {
			return line
		}
	}
	if line, set := s.lookup("PAGER"); set {
		return line
	}
	if runtime.GOOS == "windows" {
		return "more"
	}
	return "less"
}

// terminal returns how many columns the terminal has that shows what is
// printed, and whether there is one.
func (p *Process) terminal() (columns int, watched bool) {
	if p.Watched {
		return p.Columns, true
	}
	f, ok := p.Stdout.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) { //nolint:gosec // a descriptor is small
		return p.Columns, false
	}
	if columns, _, err := term.GetSize(int(f.Fd())); err == nil { //nolint:gosec // as above
		return cmp.Or(p.Columns, columns), true
	}
	return p.Columns, true
}

// pager is a program that shows what is written to it. It is started by the
// first write: of nothing, nothing is shown.
type pager struct {
	ctx     context.Context //nolint:containedctx // that of the run whose output this is
	machine *Process
	line    string
	cmd     *exec.Cmd
	in      io.WriteCloser
}

func (p *pager) Write(b []byte) (int, error) {
	if p.cmd == nil {
		if err := p.start(); err != nil {
			return 0, configError("Pager", "Unable to redirect output to pager. Received the following error when opening pager:\n%v\n\n"+
				"Learn more about configuring the output pager by running \"%s help config-vars\".", err, p.machine.program())
		}
	}
	n, err := p.in.Write(b)
	if errors.Is(err, syscall.EPIPE) {
		return len(b), nil // who watched has seen enough
	}
	return n, err
}

func (p *pager) start() error {
	words := credentials.ShellWords(p.line)
	path, err := exec.LookPath(words[0])
	if err != nil {
		return fmt.Errorf("[Errno 2] No such file or directory: '%s'", words[0])
	}
	cmd := exec.CommandContext(p.ctx, path, words[1:]...)
	cmd.Stdout, cmd.Stderr, cmd.Env = p.machine.Stdout, p.machine.Stderr, p.machine.Environ
	if _, set := p.machine.lookup("LESS"); !set {
		cmd.Env = append(slices.Clip(cmd.Env), "LESS=FRX")
	}
	cmd.Cancel = func() error { return nil } // it ends with what it reads
	if p.in, err = cmd.StdinPipe(); err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	p.cmd = cmd
	return nil
}

// close waits until the pager is left.
func (p *pager) close() error {
	if p.cmd == nil {
		return nil
	}
	err := p.in.Close()
	var left *exec.ExitError
	if e := p.cmd.Wait(); e != nil && !errors.As(e, &left) && p.ctx.Err() == nil {
		err = errors.Join(err, e)
	}
	return err
}
