package npm

import (
	"encoding/base64"
	"encoding/hex"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// claims reads the digests that a publish document states of its tarball:
// dist.shasum, a SHA-1, and dist.integrity, which may list several digests
// and several of one kind (W3C Subresource Integrity). Each must be true of
// the bytes; what cannot be checked is refused rather than kept as if it
// were true.
func claims(dist *object, actual format.Sums) (format.Sums, error) {
	var claimed format.Sums
	check := func(kind, digest string) error {
		is, says := sum(&actual, kind), sum(&claimed, kind)
		if is == nil {
			return larder.Errorf(larder.Invalid, "dist.integrity has a %.32q digest: state sha512", kind)
		}
		if *says = digest; digest != *is {
			return larder.Errorf(larder.Invalid, "the tarball has the %s %s, but the document says %.256s", kind, *is, digest)
		}
		return nil
	}
	if raw, ok := dist.values["shasum"]; ok {
		if err := check("sha1", strings.ToLower(text(raw))); err != nil {
			return claimed, err
		}
	}
	for _, digest := range strings.Fields(dist.text("integrity")) {
		digest, _, _ = strings.Cut(digest, "?") // options mean nothing yet
		kind, encoded, _ := strings.Cut(digest, "-")
		b, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			return claimed, larder.Errorf(larder.Invalid, "dist.integrity is not a list of digests: %.256q", digest)
		}
		if err := check(kind, hex.EncodeToString(b)); err != nil {
			return claimed, err
		}
	}
	return claimed, nil
}

// sum is the digest of a kind as Subresource Integrity names it, or nil.
func sum(s *format.Sums, kind string) *string {
	switch kind {
	case "md5":
		return &s.MD5
	case "sha1":
		return &s.SHA1
	case "sha256":
		return &s.SHA256
	case "sha512":
		return &s.SHA512
	}
	return nil
}

// integrity spells the digests that are known of an asset for dist: the
// strongest in integrity, SHA-1 in shasum. Old packages upstream have only
// the latter.
func integrity(s format.Sums) (sri, shasum string) {
	for _, kind := range []string{"sha512", "sha256"} {
		if b, err := hex.DecodeString(*sum(&s, kind)); err == nil && len(b) > 0 {
			return kind + "-" + base64.StdEncoding.EncodeToString(b), s.SHA1
		}
	}
	return "", s.SHA1
}
