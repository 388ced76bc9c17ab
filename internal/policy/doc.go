// Package policy owns the IAM policy language: it reads a document, refuses
// what means nothing, compiles the rest and answers whether the policies in
// force let a request pass.
//
// [Parse] gives an immutable [Policy]; [Decide] puts a [Request] to a [Set] of
// them and says yes or no and why; [Explain] gives the same answer with every
// statement that was looked at; [Rewrite] exchanges the principals of a
// document without otherwise changing its text.
//
// It knows the language and the order of evaluation, and nothing else: no I/O,
// no clock, no users, groups, domains or storage. Who asks and which policies
// are in force is internal/identity's business; values of condition keys come
// through [Keys]. How large a document may be is for whoever stores it to say.
//
// Where AWS's documentation is silent or contradicts itself, the reading is
// the one that grants less; each such place says so.
package policy
