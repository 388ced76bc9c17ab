package sigv4

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"larder.example/larder"
)

// The two texts of AWS that several checks share.
const (
	textMissing  = "Missing Authentication Token"
	textMismatch = "The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
)

func refuse(code, format string, args ...any) error {
	return &larder.Error{Kind: larder.Unauthenticated, Code: code, Message: fmt.Sprintf(format, args...)}
}

// clip keeps what a stranger sent from making a message as long as they like.
func clip(s string) string {
	const most = 256
	if len(s) > most {
		return s[:most]
	}
	return s
}

// fingerprint stands for an Authorization header in a message. AWS once
// echoed the header itself, which put signatures and tokens into logs.
func fingerprint(header string) string {
	sum := sha256.Sum256([]byte(header))
	return base64.StdEncoding.EncodeToString(sum[:])
}
