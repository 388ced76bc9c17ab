package policy

import (
	"fmt"
	"slices"

	"larder.example/larder"
)

// Kind is where a policy document is attached, which decides the elements
// that it must and may have.
type Kind int

// The kinds of policy document. Permissions boundaries and session policies
// are Identity documents.
const (
	Identity Kind = iota // names no principal: that is who it is attached to
	Resource             // of a domain or a repository; names principals
	Trust                // of a role: who may assume it
)

func (k Kind) String() string {
	return [...]string{"Identity", "Resource", "Trust"}[k]
}

// CodeMalformed is the code of every error that is about a document.
const CodeMalformed = "MalformedPolicyDocument"

// maxValues caps the values of one document: far more than the 10,240
// characters have room for that AWS accepts at most.
const maxValues = 10_000

// Policy is a policy document, parsed and compiled. It is immutable and safe
// for concurrent use.
type Policy struct {
	kind       Kind
	statements []statement
	blocks     []block // the statements by the actions they may match
	keys       []string
}

// A Position is a place in a document's text, counted from one. Columns are
// bytes.
type Position struct{ Line, Column int }

// Statement describes one statement of a policy for explanations.
type Statement struct {
	Sid        string // may be empty
	Deny       bool
	Start, End Position // End is where the text after it begins
}

// Kind returns the kind that the document was parsed as.
func (p *Policy) Kind() Kind { return p.kind }

// Len returns the number of statements.
func (p *Policy) Len() int { return len(p.statements) }

// Statement describes statement i, counted from zero as in the document.
func (p *Policy) Statement(i int) Statement {
	st := &p.statements[i]
	return Statement{Sid: st.sid, Deny: st.deny, Start: st.start, End: st.end}
}

// ContextKeys returns the condition keys that the policy depends on, in
// conditions and as variables, in alphabetical order and as first written.
func (p *Policy) ContextKeys() []string { return slices.Clone(p.keys) }

// statement is one compiled statement; its actions are in the policy's blocks.
type statement struct {
	sid          string
	deny         bool
	principals   *principals // nil in Identity documents
	notPrincipal bool
	anyResource  bool
	notResource  bool
	resources    []pattern
	conditions   []condition
	start, end   Position
}

func malformed(where, format string, args ...any) error {
	message := fmt.Sprintf(format, args...)
	if where != "" {
		message = where + ": " + message
	}
	return &larder.Error{Kind: larder.Invalid, Code: CodeMalformed, Message: message}
}
