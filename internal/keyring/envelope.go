package keyring

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// Record says which secret is encrypted. A ciphertext that was moved to
// another record does not decrypt.
type Record struct {
	Table, ID, Account string
}

// dataKey encrypts secrets at rest. It is random rather than derived, so that
// another master can wrap it.
type dataKey struct {
	id      uint32
	key     [keyLen]byte
	created time.Time
	aead    cipher.AEAD
}

var errUnwrap = errors.New("the data key does not open under the master key")

func newDataKey(id uint32, now time.Time) (k dataKey, err error) {
	k = dataKey{id: id, created: now}
	rand.Read(k.key[:])
	k.aead, err = sealer(k.key[:])
	return k, err
}

func (r *Ring) wrapped(k dataKey) []byte {
	return r.wrap.Seal(nil, nil, k.key[:], r.wrapBound(k.id))
}

func (r *Ring) unwrap(s storedDataKey) (dataKey, error) {
	k := dataKey{id: s.ID, created: s.Created}
	key, err := r.wrap.Open(nil, nil, s.Wrapped, r.wrapBound(s.ID))
	if err != nil || len(key) != keyLen {
		return dataKey{}, errUnwrap
	}
	k.key = [keyLen]byte(key)
	k.aead, err = sealer(key)
	return k, err
}

func (r *Ring) wrapBound(id uint32) []byte {
	return binary.BigEndian.AppendUint32(r.instance[:], id)
}

// Ciphertexts are version ‖ data key id(4) ‖ nonce(12) ‖ ciphertext ‖ tag(16).
const encryptedVersion, encryptedHead = 1, 1 + 4

// Encrypt encrypts a secret that is to be stored in rec.
func (r *Ring) Encrypt(rec Record, plaintext []byte) []byte {
	k := r.data[len(r.data)-1]
	b := binary.BigEndian.AppendUint32([]byte{encryptedVersion}, k.id)
	return k.aead.Seal(b, nil, plaintext, rec.bound(b))
}

// Decrypt returns the secret that was encrypted for rec. It fails if rec
// differs in anything.
func (r *Ring) Decrypt(rec Record, ciphertext []byte) ([]byte, error) {
	if len(ciphertext) < encryptedHead || ciphertext[0] != encryptedVersion {
		return nil, rec.fail(errors.New("it is damaged"))
	}
	head, rest := ciphertext[:encryptedHead], ciphertext[encryptedHead:]
	id := binary.BigEndian.Uint32(head[1:])
	for _, k := range r.data {
		if k.id != id {
			continue
		}
		plaintext, err := k.aead.Open(nil, nil, rest, rec.bound(head))
		if err != nil {
			return nil, rec.fail(errors.New("it is damaged, or another record's"))
		}
		return plaintext, nil
	}
	return nil, rec.fail(fmt.Errorf("the ring has no data key %d", id))
}

// bound returns what the ciphertext is bound to. Lengths keep fields apart
// whose bytes together are the same.
func (rec Record) bound(head []byte) []byte {
	b := append([]byte(nil), head...)
	for _, field := range []string{rec.Table, rec.ID, rec.Account} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(field)))
		b = append(b, field...)
	}
	return b
}

func (rec Record) fail(why error) error {
	return fmt.Errorf("decrypt %s %s of account %s: %w", rec.Table, rec.ID, rec.Account, why)
}
