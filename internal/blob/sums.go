package blob

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
)

// Sums are the digests that the API and the package managers ask for.
type Sums struct {
	MD5    [md5.Size]byte
	SHA1   [sha1.Size]byte
	SHA256 Digest
	SHA512 [sha512.Size]byte
}

// summer makes all of Sums in one pass. One goroutine: four of them were
// slower as often as faster, by chunk size and load.
type summer struct{ md5, sha1, sha256, sha512 hash.Hash }

func newSummer() *summer {
	return &summer{md5.New(), sha1.New(), sha256.New(), sha512.New()}
}

func (s *summer) add(p []byte) {
	s.md5.Write(p)
	s.sha1.Write(p)
	s.sha256.Write(p)
	s.sha512.Write(p)
}

func (s *summer) sums() (sums Sums) {
	s.md5.Sum(sums.MD5[:0])
	s.sha1.Sum(sums.SHA1[:0])
	s.sha256.Sum(sums.SHA256[:0])
	s.sha512.Sum(sums.SHA512[:0])
	return sums
}
