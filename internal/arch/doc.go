// Package arch is the import rule of the house, as a test: which package
// stands on which storey, what it may import, and who may import it. It owns
// the table and nothing else, has no code outside its tests, and imports none
// of the packages it speaks of: it reads their files.
//
// A package that the table does not know fails with "where does it belong?",
// and the answer is a row in house_test.go. The files are parsed in the test
// process itself and not by go list, for go test cannot see what a child
// process reads and would answer "ok (cached)" to a violation.
package arch
