// Package keyring owns the secrets of a registry: the master key, and all the
// keys that come from it.
//
// From the master, by HKDF-SHA256 under one label for each purpose, come the
// keys that seal tokens and page markers ([Ring.Seal]), the values that must be
// computed again rather than stored ([Ring.Derive]), and the key that wraps the
// data keys, which encrypt secrets at rest ([Ring.Encrypt]). What was sealed
// for one purpose does not open for another.
//
// Sealing keys come in generations. [Ring.Rotate] begins one; those before it
// still open what they sealed for as long as that may live. The ring file
// says which generations there are, and holds the wrapped data keys. It has no
// secret that is worth something without the master, which is never in it.
//
// The package knows files and nothing else of Larder. It has no clock: who
// opens or rotates says what time it is, so that keys and what they seal are
// judged by one clock.
package keyring
