package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"larder.example/larder/internal/cli/args"
	"larder.example/larder/internal/cli/operation"
	"larder.example/larder/internal/cli/value"
)

// Exit codes, as the AWS CLI has them, and as env has them of a program that
// it is to run [POSIX].
const (
	exitNotRun      = 126
	exitNotFound    = 127
	exitInterrupted = 130
	exitUsage       = 252 // the command line
	exitConfig      = 253 // the configuration
	exitService     = 254 // the service's answer
	exitFailure     = 255 // all else
)

// Fault is a failure of ours that has a code of its own. Any other error exits
// with 255 and its bare message.
type Fault struct {
	Code    string // "ParamValidation", "NoRegion"; empty: the message stands alone
	Message string
	Exit    int
	Usage   bool // the usage is part of the message, behind it
	above   bool // the usage is printed above, and no format changes that
}

func (f *Fault) Error() string { return f.Message }

// ParamErrorf is a fault of the command line that was read.
func ParamErrorf(format string, args ...any) error {
	return &Fault{Code: "ParamValidation", Message: fmt.Sprintf(format, args...), Exit: exitUsage}
}

// usageError is a command line that could not be read.
func usageError(err error) error {
	var bad *args.Error
	if errors.As(err, &bad) {
		return &Fault{Code: "ParamValidation", Message: bad.Message, Exit: exitUsage, Usage: true}
	}
	return err
}

// configError is a fault of the configuration.
func configError(code, format string, args ...any) error {
	return &Fault{Code: code, Message: fmt.Sprintf(format, args...), Exit: exitConfig}
}

// usage is what the AWS CLI prints of itself, with the name in it that this
// program was called by.
func (s *Session) usage() string {
	name := s.program()
	return "usage: " + name + " [options] <command> <subcommand> [<subcommand> ...] [parameters]\n" +
		"To see help text, you can run:\n\n" +
		"  " + name + " help\n  " + name + " <command> help\n  " + name + " <command> <subcommand> help\n"
}

// report prints an error and returns the exit code.
func (s *Session) report(err error) int {
	var fault *Fault
	var failure *operation.Failure
	var code ended
	switch {
	case errors.As(err, &code):
		return int(code)
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(s.Stdout)
		return exitInterrupted
	case errors.As(err, &failure):
		s.reportFailure(failure)
		return exitService
	case errors.As(err, &fault):
		s.reportFault(fault)
		return fault.Exit
	}
	s.complain(err.Error())
	return exitFailure
}

// complain prints a sentence, as the AWS CLI does.
func (s *Session) complain(text string) {
	fmt.Fprintf(s.Stderr, "\n%s: [ERROR]: %s\n", s.program(), strings.TrimSpace(text))
}

func (s *Session) reportFault(f *Fault) {
	format := s.errorFormat()
	switch {
	case f.above:
		fmt.Fprintf(s.Stderr, "\n%s\n", s.usage())
		s.complain(f.Message)
	case f.Code == "":
		s.complain(f.Message)
	case format == "legacy":
		s.complain(s.whole(f))
	case format == "enhanced":
		s.complain("An error occurred (" + f.Code + "): " + s.whole(f))
	default:
		s.structured(format, value.NewObject(
			value.Member{Key: "Code", Value: f.Code}, value.Member{Key: "Message", Value: s.whole(f)}))
	}
}

// whole returns the message of a fault with the usage behind it, where that
// is to be shown.
func (s *Session) whole(f *Fault) string {
	if !f.Usage {
		return f.Message
	}
	return f.Message + "\n\n" + s.usage()
}

func (s *Session) reportFailure(f *operation.Failure) {
	switch format := s.errorFormat(); format {
	case "legacy":
		s.complain(f.Error())
	case "enhanced":
		s.complain(f.Error())
		if shown := inlineDetails(f.Details); shown != "" {
			fmt.Fprintf(s.Stderr, "\nAdditional error details:\n%s", shown)
		}
	default:
		all := value.NewObject(
			value.Member{Key: "Message", Value: f.Message}, value.Member{Key: "Code", Value: f.Code})
		for _, m := range f.Details.Members() {
			all.Set(m.Key, m.Value)
		}
		s.structured(format, all)
	}
}

// inlineDetails lists what an exception says beside its message.
func inlineDetails(o *value.Object) string {
	var b strings.Builder
	for _, m := range o.Members() {
		if m.Key != "message" {
			fmt.Fprintf(&b, "%s: %s\n", m.Key, value.Str(m.Value))
		}
	}
	return b.String()
}

func (s *Session) structured(format string, o *value.Object) {
	err := s.write(s.Stderr, format, "error", o)
	if err != nil {
		s.complain(err.Error())
	}
}
