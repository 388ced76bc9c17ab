package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
)

// keyLen is the length of every key: the master, and all that come from it.
const keyLen = 32

// derive returns the key of a purpose, which info begins with.
func derive(master []byte, info string) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, master, nil, info, keyLen)
	if err != nil {
		return nil, fmt.Errorf("derive a key: %w", err)
	}
	return key, nil
}

// sealer returns AES-256-GCM under key. It draws its nonces itself, which is
// good for 2^32 messages a key.
func sealer(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make a cipher: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("make a cipher: %w", err)
	}
	return aead, nil
}

func deriveSealer(master []byte, info string) (cipher.AEAD, error) {
	key, err := derive(master, info)
	if err != nil {
		return nil, err
	}
	return sealer(key)
}
