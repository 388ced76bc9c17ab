package cli

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strings"

	"golang.org/x/term"
)

// ask asks the user at the terminal, wherever input and output go, and does
// not show what is typed.
func (s *Session) ask(prompt string) (string, error) {
	name, out := "/dev/tty", "/dev/tty"
	if runtime.GOOS == "windows" {
		name, out = "CONIN$", "CONOUT$"
	}
	tty, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil { // as Python's getpass does
		fmt.Fprint(s.Stderr, prompt)
		line, err := bufio.NewReader(s.Stdin).ReadString('\n')
		if err != nil && line == "" {
			return "", errorText("EOF when reading a line")
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	defer tty.Close()
	w, err := os.OpenFile(out, os.O_WRONLY, 0)
	if err != nil {
		return "", err
	}
	defer w.Close()
	fmt.Fprint(w, prompt)
	text, err := term.ReadPassword(int(tty.Fd()))
	fmt.Fprintln(w)
	return string(text), err
}
