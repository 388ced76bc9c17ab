package cli

import (
	"context"

	"larder.example/larder/internal/cli/args"
	"larder.example/larder/internal/cli/operation"
)

// Command is a row of the table: a command that is none of a service's
// operations.
type Command struct {
	Name     string
	Synopsis string // one sentence
	Options  []args.Option

	// Run does it. The error that it returns decides the exit code; what it
	// prints goes to the session's outputs.
	Run func(ctx context.Context, s *Session, v args.Values) error

	// Program says that what follows "--" is a program with its arguments;
	// Run finds them under "--".
	Program bool

	// Loose says that words and options that are none of these are Run's to
	// read; it finds them under "rest".
	Loose bool

	// Service is the service that it may also be called as a command of.
	Service string
}

// commands are the commands that are ours.
func commands() []Command {
	return []Command{
		loginCommand(),
		helperCommand(),
		execCommand(),
		envCommand(),
		proxyCommand(),
		mirrorCommand(),
		doctorCommand(),
		cmdletCommand(),
		completionCommand(),
		helpCommand(),
		manCommand(),
	}
}

// ours is the service that only Larder has.
const ours = "larder"

// implied is the service whose name may be left out.
const implied = "codeartifact"

// words returns all that may stand where a command does.
func words() []string {
	var names []string
	for _, s := range operation.Services() {
		names = append(names, s.Name)
	}
	for _, c := range commands() {
		names = append(names, c.Name)
	}
	s, _ := operation.FindService(implied)
	return append(names, s.Commands()...)
}

func findCommand(name, service string) (Command, bool) {
	for _, c := range commands() {
		if c.Name == name && (service == "" || c.Service == service) {
			return c, true
		}
	}
	return Command{}, false
}
