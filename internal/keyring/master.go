package keyring

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
)

// Config says where the keys are. The master key is the first of these that is
// there: File, the systemd credential, Value, the file master.key in Dir. If
// none is and Dir has no ring yet, master.key is made.
type Config struct {
	// Dir is the directory of the ring file. It is made if need be.
	Dir string

	// File is a file with the master key: 32 bytes, or their base64. It must
	// be there if it is named.
	File string

	// Credentials is systemd's $CREDENTIALS_DIRECTORY. The master key is the
	// credential larder-master in it, in the same form.
	Credentials string

	// Value is the base64 of the master key.
	Value string `json:"-"`
}

const (
	masterFile = "master.key"
	credential = "larder-master"
)

// master returns the master key and where it is from, for messages. ring says
// that there is a ring already, so that a key made now cannot be its.
func (c Config) master(ring bool) (key []byte, from string, err error) {
	if c.File != "" {
		key, err = readMaster(c.File, ownerOnly)
		return key, c.File, err
	}
	if c.Credentials != "" {
		path := filepath.Join(c.Credentials, credential)
		key, err = readMaster(path, credentialMode)
		if !errors.Is(err, fs.ErrNotExist) {
			return key, path, err
		}
	}
	if c.Value != "" {
		key, err = parseMaster([]byte(c.Value))
		if err != nil {
			return nil, "", fmt.Errorf("read the master key from its setting: %w", err)
		}
		return key, "its setting", nil
	}
	path := filepath.Join(c.Dir, masterFile)
	key, err = readMaster(path, ownerOnly)
	switch {
	case !errors.Is(err, fs.ErrNotExist):
		return key, path, err
	case ring:
		return nil, "", fmt.Errorf("the master key is missing: the key ring was made with one, and is worth nothing without it: put it into %s, or name its file", path)
	}
	key, err = makeMaster(path)
	return key, path, err
}

func readMaster(path string, allowed fs.FileMode) ([]byte, error) {
	b, err := readSecret(path, allowed)
	if err != nil {
		return nil, fmt.Errorf("read the master key: %w", err)
	}
	key, err := parseMaster(b)
	if err != nil {
		return nil, fmt.Errorf("read the master key from %s: %w", path, err)
	}
	return key, nil
}

// parseMaster takes what "openssl rand 32" writes, with -base64 or without.
func parseMaster(b []byte) ([]byte, error) {
	if len(b) == keyLen {
		return b, nil
	}
	text := strings.TrimSpace(string(b))
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(key) != keyLen || base64.StdEncoding.EncodeToString(key) != text {
		return nil, fmt.Errorf("it must be %d bytes, or their base64", keyLen)
	}
	return key, nil
}

func makeMaster(path string) ([]byte, error) {
	key := make([]byte, keyLen)
	rand.Read(key) // never fails: crypto/rand ends the process instead
	text := base64.StdEncoding.EncodeToString(key) + "\n"
	if err := writeSecret(path, []byte(text)); err != nil {
		return nil, fmt.Errorf("make a master key: %w", err)
	}
	return key, nil
}

// Format keeps the master key out of logs.
func (c Config) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "keyring.Config{Dir: %q, ...}", c.Dir)
}
