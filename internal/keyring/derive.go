package keyring

import (
	"crypto/hmac"
	"crypto/sha256"
)

// Derivation is a value that is computed from public ones whenever it is
// needed, so that it need not be stored.
type Derivation int

// The derivations.
const (
	SessionSecret  Derivation = iota // the secret of a temporary access key, from its id
	PolicyRevision                   // the revision of a policy, from what makes it differ from others
)

// derivations are the labels of the keys.
var derivations = [...]string{
	SessionSecret:  "sts-secret",
	PolicyRevision: "policy-revision",
}

// Derive returns the value of d for from. It is the same for as long as the
// master key is; rotation does not change it.
func (r *Ring) Derive(d Derivation, from string) [sha256.Size]byte {
	mac := hmac.New(sha256.New, r.derived[d])
	mac.Write([]byte(from))
	return [sha256.Size]byte(mac.Sum(nil))
}
