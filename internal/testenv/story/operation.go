package story

import (
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/api/sts"
	"larder.example/larder/internal/wire"
)

// operations writes the names of all the operations of a service, a line each.
func operations(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 2, 2, "operations iam|sts FILE")
	services := map[string][]wire.Info{"iam": iam.Ops[:], "sts": sts.Ops[:]}
	var names strings.Builder
	for _, op := range services[args[0]] {
		names.WriteString(op.Name + "\n")
	}
	if names.Len() == 0 {
		ts.Fatalf("there are no operations of %s", args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(names.String()), 0o600))
}
