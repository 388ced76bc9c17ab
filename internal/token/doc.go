// Package token seals and opens authorization tokens.
//
// A token is a bearer form of the principal that asked for it, for one domain
// and some hours. It says who, never what they may do: internal/identity
// decides that whenever it is used. Nothing is stored of a token, so a vault
// needs the key ring and nothing else.
//
//	"lrd_" ‖ base64url( version ‖ kid ‖ nonce(12) ‖ ciphertext ‖ tag(16) ‖ crc32 )
//
// The checksum lets us, and scanners for leaked secrets, tell a token from
// noise without a key. All of it is [A-Za-z0-9_-], because pip carries it in
// the user info of URLs, and at most [MaxLen] long, because old curl cuts
// passwords in .netrc at 246.
package token
