// Package control is the control plane: CodeArtifact's operations, one row of
// a table and one method each, a file per noun.
//
// A row of the table says what the caller must be allowed before the method
// runs, so no handler checks a permission; handlers turn an input into a call
// of the registry, of identity or of the token vault, and the result into an
// output. control/iam and control/sts are the same for IAM and STS.
//
// internal/wire binds, validates and answers; [Authenticator] finds out who
// signed.
package control
