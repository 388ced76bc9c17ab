// Package args reads command lines as the AWS CLI reads them, whose parser is
// Python's argparse: options may be abbreviated, stand before, between and
// after words, and are read in passes, each of which leaves what it does not
// know to the next. It also reads what stands in a value: shorthand, JSON and
// files. Messages are the AWS CLI's, because scripts look for them.
//
// It knows options, not operations: what a service wants is for its callers
// to check.
package args
