package story

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// page writes the commands of a page as files that a shell runs.
func page(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 1, 1, "page PAGE")
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", args[0]))
	ts.Check(err)
	n := 0
	for i, block := range strings.Split(string(text), "\n```sh\n") {
		commands, _, whole := strings.Cut(block, "\n```\n")
		if i == 0 || !whole {
			continue
		}
		n++
		ts.Check(os.WriteFile(ts.MkAbs(fmt.Sprintf("%d.sh", n)), []byte("set -eu\n"+commands+"\n"), 0o600))
	}
	if n == 0 {
		ts.Fatalf("there are no commands in %s", args[0])
	}
}
