// Package iam answers IAM's operations: a row of a table and a method each,
// as internal/control does for CodeArtifact's.
package iam
