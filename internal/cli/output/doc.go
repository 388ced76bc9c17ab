// Package output prints what a service answered as the AWS CLI prints it: as
// JSON, text, a table, YAML, a stream of YAML documents, or not at all. Each
// form is in a file of its own, and each is compared with the AWS CLI's own,
// byte for byte.
//
// It knows values and nothing of operations.
package output
