package token

// Identifiers of keys and entities are four letters that say what they name
// and then digits of RFC 4648's base32, five bits each.

const (
	idLen     = 16 // digits of a key id
	entityLen = 17 // digits of a unique ID
)

// packed returns how many bytes n digits take.
func packed(n int) int { return (n*5 + 7) / 8 }

// pack appends the digits to b, eight of them to five bytes. It reports false
// if s has something else in it.
func pack(b []byte, s string) ([]byte, bool) {
	var bits uint64
	var n int
	for i := range len(s) {
		d, ok := digit(s[i])
		if !ok {
			return b, false
		}
		bits, n = bits<<5|uint64(d), n+5
		for ; n >= 8; n -= 8 {
			b = append(b, byte(bits>>(n-8)))
		}
	}
	if n > 0 {
		b = append(b, byte(bits<<(8-n)))
	}
	return b, true
}

// unpack appends the n digits in b to t.
func unpack(t, b []byte, n int) []byte {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	var bits uint64
	have := 0
	for _, c := range b {
		bits, have = bits<<8|uint64(c), have+8
		for ; have >= 5 && n > 0; have, n = have-5, n-1 {
			t = append(t, alphabet[bits>>(have-5)&31])
		}
	}
	return t
}

func digit(c byte) (byte, bool) {
	switch {
	case 'A' <= c && c <= 'Z':
		return c - 'A', true
	case '2' <= c && c <= '7':
		return c - '2' + 26, true
	}
	return 0, false
}
