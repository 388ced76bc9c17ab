// Package doctor says how things stand: findings with a verdict each, and
// where the package managers of a user are pointed at repositories. It reads
// the files that they read and never says what is secret in them.
//
// It calls nobody: what is found out by asking the service is found out by who
// calls.
package doctor
