package blob

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"iter"
	"strconv"
	"strings"
)

// Store keeps bytes. Implementations are safe for concurrent use. A full
// disk is reported as [ErrFull], absent bytes as fs.ErrNotExist.
type Store interface {
	// Stage spools what r yields, summing it in one pass. Nothing is durable
	// yet and nothing names the bytes; Discard the result. An error of r is
	// in the chain of the error returned, so that [Limit] and an HTTP body
	// say what they have to say.
	Stage(ctx context.Context, r io.Reader) (*Staged, error)

	// Place stores s under k, whose digest must be that of s. When it
	// returns the bytes are durable, against power loss too. Placing the
	// same key again is fine, and mends bytes that were damaged; so is
	// placing s under several keys. s stays readable until it is discarded.
	Place(ctx context.Context, k Key, s *Staged) error

	// Open returns the bytes of k, of which size says how many there are;
	// another number of them is [ErrDamaged]. The result is an *os.File where
	// the store has one, so that the kernel can send it. It stays readable
	// when k is deleted.
	Open(ctx context.Context, k Key, size int64) (io.ReadSeekCloser, error)

	// Delete removes the bytes of k. That they are absent is fine.
	Delete(ctx context.Context, k Key) error

	// All yields every key, for verification only.
	All(ctx context.Context) iter.Seq2[Key, error]
}

// Preparer is a Store that can do most of what Place does before there is a
// key, while something else goes on.
type Preparer interface {
	// Prepare makes the bytes of s durable under no name, for a Place that
	// may follow.
	Prepare(ctx context.Context, s *Staged) error
}

// ErrDamaged says that the bytes under a key are not those that were placed.
var ErrDamaged = errors.New("the stored bytes are damaged")

// Key names stored bytes. The ID is that of the blobs row and is never
// reused, so a late delete can name no live bytes.
type Key struct {
	Digest Digest
	ID     int64
}

// String returns the digest in hexadecimal, a dot and the ID.
func (k Key) String() string { return k.Digest.String() + "." + strconv.FormatInt(k.ID, 10) }

// ParseKey reads what [Key.String] wrote, and reports false for anything else.
func ParseKey(s string) (Key, bool) {
	digest, id, _ := strings.Cut(s, ".")
	var k Key
	if len(digest) != hex.EncodedLen(len(k.Digest)) {
		return Key{}, false
	}
	if _, err := hex.Decode(k.Digest[:], []byte(digest)); err != nil {
		return Key{}, false
	}
	var err error
	if k.ID, err = strconv.ParseInt(id, 10, 64); err != nil || k.String() != s {
		return Key{}, false
	}
	return k, true
}

// Digest is a SHA-256.
type Digest [32]byte

func (d Digest) String() string { return hex.EncodeToString(d[:]) }
