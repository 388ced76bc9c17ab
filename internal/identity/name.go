package identity

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
)

// Prefixes of identifiers, as IAM has them.
const (
	accessKeyPrefix    = "AKIA"
	temporaryKeyPrefix = "ASIA"
	userPrefix         = "AIDA"
	groupPrefix        = "AGPA"
	rolePrefix         = "AROA"
	policyPrefix       = "ANPA"
)

func rootARN(account string) string { return "arn:aws:iam::" + account + ":root" }

// newUniqueID returns 21 characters that no entity ever had.
func (s *Service) newUniqueID(prefix string) (string, error) {
	b, err := s.random(11)
	if err != nil {
		return "", err
	}
	return prefix + base32.StdEncoding.EncodeToString(b)[:17], nil
}

// newKeyID returns a key ID in which AWS's clients find the account: behind
// the prefix a set bit, 40 bits of account and 39 random ones, in base32 (read
// off published key IDs).
func (s *Service) newKeyID(prefix, account string) (string, error) {
	number, err := strconv.ParseUint(account, 10, 40)
	if err != nil {
		return "", fmt.Errorf("account %q is not a number of 12 digits", account)
	}
	b, err := s.random(10)
	if err != nil {
		return "", err
	}
	head := uint64(1)<<47 | number<<7 | uint64(b[5]&0x7f)
	var wide [8]byte
	binary.BigEndian.PutUint64(wide[:], head)
	copy(b, wide[2:])
	return prefix + base32.StdEncoding.EncodeToString(b), nil
}

// accountIn reads the account out of a key ID, and reports false for one that
// has none in it.
func accountIn(keyID string) (string, bool) {
	if len(keyID) != len(accessKeyPrefix)+16 {
		return "", false
	}
	b, err := base32.StdEncoding.DecodeString(keyID[len(accessKeyPrefix):])
	if err != nil || b[0]&0x80 == 0 {
		return "", false
	}
	head := binary.BigEndian.Uint64(append([]byte{0, 0}, b[:6]...))
	number := head >> 7 & (1<<40 - 1)
	return fmt.Sprintf("%012d", number), number < 1e12
}

// newSecret returns a secret access key: 40 characters of base64.
func (s *Service) newSecret() (string, error) {
	b, err := s.random(30)
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(b), nil
}

// newAccountID returns an account number that does not begin with a zero,
// which tools that take it for a number would drop.
func (s *Service) newAccountID() (string, error) {
	b, err := s.random(8)
	if err != nil {
		return "", err
	}
	return strconv.FormatUint(1e11+binary.BigEndian.Uint64(b)%9e11, 10), nil
}
