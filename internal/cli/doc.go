// Package cli is the command line: everything that "aws codeartifact" does,
// against Larder and against AWS, the same operations of IAM and STS that
// there are models of, and what is ours alone. A command is a row of a table;
// nothing of another command runs, and nothing at all before main.
//
// It takes the machine as a value, [Process], so that tests run it without a
// process of its own. It puts together what the rooms below it know: how
// command lines are read (args), what operations take (operation), who calls
// (credentials), how answers are printed (output) and searched (query). It
// knows the server by its wire alone.
package cli
