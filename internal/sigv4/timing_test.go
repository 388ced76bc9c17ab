package sigv4_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// A comparison that ends at the first byte that differs tells how much of a
// forged signature is right. No clock of a test sees that beside the rest of a
// verification, so the code is held to it: nothing secret is compared but by
// crypto/subtle. That an access key is unknown is told anyway, as AWS does.
func TestThreatTiming(t *testing.T) {
	secret := map[string]bool{"signature": true, "secret": true, "sum": true, "sums": true}
	names := func(x ast.Node) (found []string) {
		ast.Inspect(x, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && secret[id.Name] {
				found = append(found, id.Name)
			}
			return true
		})
		return found
	}
	packages, err := parser.ParseDir(token.NewFileSet(), ".", nil, 0) //nolint:staticcheck // of one directory, without types
	if err != nil {
		t.Fatal(err)
	}
	subtle := map[string]bool{}
	for file, f := range packages["sigv4"].Files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BinaryExpr:
				if n.Op != token.EQL && n.Op != token.NEQ {
					return true
				}
				if call, ok := n.X.(*ast.CallExpr); ok && called(call) == "subtle.ConstantTimeCompare" {
					for _, name := range names(call) {
						subtle[name] = true
					}
					return false
				}
				if lit, ok := n.Y.(*ast.BasicLit); ok && (lit.Value == `""` || lit.Kind == token.INT) {
					return true
				}
				if found := names(n); len(found) > 0 {
					t.Errorf("%s compares %v byte by byte", file, found)
				}
			case *ast.CallExpr:
				switch called(n) {
				case "bytes.Equal", "bytes.Compare", "strings.EqualFold", "strings.Compare", "slices.Equal", "bytes.HasPrefix", "strings.HasPrefix":
					if found := names(n); len(found) > 0 {
						t.Errorf("%s compares %v byte by byte", file, found)
					}
				}
			}
			return true
		})
	}
	if !subtle["signature"] || !subtle["secret"] {
		t.Errorf("compared in constant time are %v, want the signature and the secret of a kept key", subtle)
	}
}

func called(c *ast.CallExpr) string {
	s, ok := c.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	x, ok := s.X.(*ast.Ident)
	if !ok {
		return ""
	}
	return x.Name + "." + s.Sel.Name
}
