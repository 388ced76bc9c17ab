package maven

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"io"
	"net/http"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// algorithm is one of the kinds of checksum that stand beside every file.
type algorithm struct {
	ext string // of the checksum's file
	new func() hash.Hash
	in  func(*format.Sums) *string
}

// algorithms are those that Maven and Gradle use.
var algorithms = [...]algorithm{
	{".md5", md5.New, func(s *format.Sums) *string { return &s.MD5 }},
	{".sha1", sha1.New, func(s *format.Sums) *string { return &s.SHA1 }},
	{".sha256", sha256.New, func(s *format.Sums) *string { return &s.SHA256 }},
	{".sha512", sha512.New, func(s *format.Sums) *string { return &s.SHA512 }},
}

// cutSum cuts the ending of a checksum off the name of a file.
func cutSum(name string) (file string, a *algorithm) {
	for i := range algorithms {
		if file, ok := strings.CutSuffix(name, algorithms[i].ext); ok {
			return file, &algorithms[i]
		}
	}
	return name, nil
}

// of returns the digest of b.
func (a *algorithm) of(b []byte) string {
	h := a.new()
	h.Write(b)
	return hex.EncodeToString(h.Sum(nil))
}

// wellFormed reports whether a digest is one of the algorithm's.
func (a *algorithm) wellFormed(digest string) bool {
	return len(digest) == 2*a.new().Size() && strings.Trim(digest, "0123456789abcdef") == ""
}

// maxChecksum bounds the file of a checksum: a digest, and the name of the
// file behind it as md5sum writes it.
const maxChecksum = 4 << 10

// claimed reads the digest that a client sends. CodeArtifact compares it
// letter by letter: one in capitals matches nothing.
func (a *algorithm) claimed(body io.Reader) (string, error) {
	text, err := io.ReadAll(io.LimitReader(body, maxChecksum+1))
	if err != nil {
		return "", err
	}
	fields := strings.Fields(string(text))
	if len(text) > maxChecksum || len(fields) == 0 || !a.wellFormed(fields[0]) {
		return "", larder.Errorf(larder.Invalid, "The body is no %s checksum in small hexadecimal digits.", a.ext[1:])
	}
	return fields[0], nil
}

// getChecksum answers with a digest of an asset.
func getChecksum(x *format.Exchange, a format.Asset, sum *algorithm) error {
	digest := *sum.in(&a.Sums)
	x.W.Header().Set("Content-Type", plainText)
	x.W.Header().Set("Cache-Control", revalidate)
	x.W.Header().Set("ETag", `"`+digest+`"`)
	http.ServeContent(x.W, x.R, "", a.At, strings.NewReader(digest))
	return nil
}

// putChecksum holds a digest that a client computed against a file that has
// been put. It is not kept: what is served is computed from the file.
func putChecksum(x *format.Exchange, p place) error {
	name, err := p.build()
	if err != nil {
		return err
	}
	digest, err := p.sum.claimed(x.R.Body)
	malformed := larder.Invalid.Is(err)
	if err != nil && !malformed {
		return err
	}
	v, err2 := x.Registry.Version(x.R.Context(), ref(x, name))
	if err2 != nil {
		return err2
	}
	for _, a := range v.Assets {
		if a.Name != p.file {
			continue
		}
		matches := !malformed && digest == *p.sum.in(&a.Sums)
		if err := remember(x, v, p.file+p.sum.ext, matches); err != nil {
			return err
		}
		if !matches {
			return mismatch(p, malformed, digest, *p.sum.in(&a.Sums))
		}
		x.W.WriteHeader(http.StatusOK)
		return nil
	}
	return larder.Errorf(larder.NotFound, "The file %s, whose checksum this is, has not been put.", p.file)
}

func mismatch(p place, malformed bool, claimed, computed string) error {
	if malformed {
		return larder.Errorf(larder.Invalid, "The body is no checksum of %s in small hexadecimal digits, which would be %s.", p.file, computed)
	}
	return larder.Errorf(larder.Invalid, "The checksum of %s does not match: got %s, want %s.", p.file, claimed, computed)
}
