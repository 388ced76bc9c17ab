package identity

import "larder.example/larder"

// Codes of IAM's errors, which the query protocol sends as they are.
const (
	codeNoSuchEntity = "NoSuchEntity"
	codeEntityExists = "EntityAlreadyExists"
	codeDelete       = "DeleteConflict"
	codeLimit        = "LimitExceeded"
	codeInvalidInput = "InvalidInput"
)

// fault is a refusal in IAM's words.
func fault(k larder.Kind, code, format string, args ...any) error {
	e := larder.Errorf(k, format, args...)
	e.Code = code
	return e
}

func overQuota(quota string, n int) error {
	return fault(larder.Conflict, codeLimit, "Cannot exceed quota for %s: %d", quota, n)
}
