package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"larder.example/larder/internal/cli/args"
	"larder.example/larder/internal/cli/operation"
)

// completionCommand prints what a shell reads to complete our command lines.
func completionCommand() Command {
	return Command{
		Name: "completion", Synopsis: "Print what a shell reads to complete command lines.",
		Options: []args.Option{{
			Name: "shell", Word: true, Required: true, Choices: []string{"bash", "zsh", "fish", "powershell"},
			Help: "One of bash, zsh, fish and powershell.",
		}},
		Run: func(_ context.Context, s *Session, v args.Values) error {
			_, err := fmt.Fprint(s.Stdout, completionScript(v.Text("shell")))
			return err
		},
	}
}

// completionScript makes a shell ask us, with the line in COMP_LINE, as bash
// does for "complete -C".
func completionScript(shell string) string {
	switch shell {
	case "zsh":
		return "autoload -Uz bashcompinit && bashcompinit\ncomplete -C larder larder\n"
	case "fish":
		return "complete -c larder -f -a '(COMP_LINE=(commandline -cp) COMP_POINT=(string length -- (commandline -cp)) larder)'\n"
	case "powershell":
		return `Register-ArgumentCompleter -Native -CommandName larder -ScriptBlock {
    param($word, $ast, $position)
    $env:COMP_LINE = $ast.ToString().PadRight($position)
    $env:COMP_POINT = $position
    try { larder | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) } }
    finally { Remove-Item Env:COMP_LINE, Env:COMP_POINT }
}
`
	default:
		return "complete -C larder larder\n"
	}
}

// completes prints what the word at the cursor may be, one a line, if a shell
// asks, and reports whether one did.
func (s *Session) completes() bool {
	line, asked := s.lookup("COMP_LINE")
	if !asked {
		return false
	}
	if at, err := strconv.Atoi(s.Getenv("COMP_POINT")); err == nil && 0 <= at && at <= len(line) {
		line = line[:at]
	}
	words := strings.Fields(line)
	current := ""
	if n := len(words); n > 0 && !strings.HasSuffix(line, " ") {
		current, words = words[n-1], words[:n-1]
	}
	for _, c := range candidates(words, current) {
		if strings.HasPrefix(c, current) {
			fmt.Fprintln(s.Stdout, c)
		}
	}
	return true
}

// candidates returns what may follow the words, the first of which is the
// program.
func candidates(line []string, current string) []string {
	var typedWords []string
	var before *args.Option // whose value is typed
	known := globals()
	for _, w := range line[min(1, len(line)):] {
		if before != nil && !strings.HasPrefix(w, "-") {
			before = nil
			continue
		}
		before = nil
		if !strings.HasPrefix(w, "-") {
			typedWords = append(typedWords, w)
			known = append(globals(), optionsAfter(typedWords)...)
			continue
		}
		for i := range known {
			if o := &known[i]; "--"+o.Name == w && o.Kind != args.Flag && o.Kind != args.Unset {
				before = o
			}
		}
	}
	if before != nil {
		return before.Choices
	}
	if strings.HasPrefix(current, "-") {
		var names []string
		for _, o := range known {
			if !o.Word && !o.Hidden {
				names = append(names, "--"+o.Name)
			}
		}
		return names
	}
	return wordsAfter(typedWords)
}

func optionsAfter(typedWords []string) []args.Option {
	p, err := findPage(typedWords)
	if err != nil {
		return nil
	}
	return p.options
}

func wordsAfter(typedWords []string) []string {
	if len(typedWords) == 0 {
		return words()
	}
	var names []string
	if service, ok := operation.FindService(typedWords[0]); ok && len(typedWords) == 1 {
		for _, c := range servicePage(service).commands {
			names = append(names, c.Name)
		}
		return names
	}
	for _, o := range optionsAfter(typedWords) {
		if o.Word && !o.Hidden {
			names = append(names, o.Choices...)
		}
	}
	return names
}
