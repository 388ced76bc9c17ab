package pypi

import (
	"encoding/binary"
	"encoding/hex"
	"math/bits"
)

// blake2b sums what is written to it with BLAKE2b-256 (RFC 7693), unkeyed.
// Uploads claim that sum, and the standard library does not have it. What is
// here may be written only up to sum.
type blake2b struct {
	state [8]uint64
	total uint64 // bytes of all blocks that went into state; 2^64 will do
	block [blake2bBlock]byte
	held  int // bytes in block
}

const (
	blake2bBlock = 128
	blake2bSize  = 32
)

// blake2bIV is also SHA-512's.
var blake2bIV = [8]uint64{
	0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
	0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
}

// blake2bOrder is in which order each round takes the words of a block.
var blake2bOrder = [12][16]byte{
	{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
	{14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
	{11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
	{7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
	{9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
	{2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
	{12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
	{13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
	{6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
	{10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
	{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
	{14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
}

func newBlake2b() *blake2b {
	b := &blake2b{state: blake2bIV}
	b.state[0] ^= 0x01010000 ^ blake2bSize // no key, one thread
	return b
}

// Write implements io.Writer. A full block is held until there is more: the
// last one is mixed in another way.
func (b *blake2b) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		if b.held == blake2bBlock {
			b.total += blake2bBlock
			b.mix(&b.block, 0)
			b.held = 0
		}
		if b.held == 0 {
			for len(p) > blake2bBlock {
				b.total += blake2bBlock
				b.mix((*[blake2bBlock]byte)(p), 0)
				p = p[blake2bBlock:]
			}
		}
		copied := copy(b.block[b.held:], p)
		b.held += copied
		p = p[copied:]
	}
	return n, nil
}

// sum returns the sum in hexadecimal.
func (b *blake2b) sum() string {
	clear(b.block[b.held:])
	b.total += uint64(b.held)
	b.mix(&b.block, ^uint64(0))
	var sum [blake2bSize]byte
	for i := range blake2bSize / 8 {
		binary.LittleEndian.PutUint64(sum[8*i:], b.state[i])
	}
	return hex.EncodeToString(sum[:])
}

// mix is F of RFC 7693; last is all ones for the last block.
func (b *blake2b) mix(block *[blake2bBlock]byte, last uint64) {
	var m [16]uint64
	for i := range m {
		m[i] = binary.LittleEndian.Uint64(block[8*i:])
	}
	v0, v1, v2, v3 := b.state[0], b.state[1], b.state[2], b.state[3]
	v4, v5, v6, v7 := b.state[4], b.state[5], b.state[6], b.state[7]
	v8, v9, v10, v11 := blake2bIV[0], blake2bIV[1], blake2bIV[2], blake2bIV[3]
	v12, v13, v14, v15 := blake2bIV[4]^b.total, blake2bIV[5], blake2bIV[6]^last, blake2bIV[7]
	for i := range blake2bOrder {
		s := &blake2bOrder[i]
		v0, v4, v8, v12 = quarter(v0, v4, v8, v12, m[s[0]&15], m[s[1]&15])
		v1, v5, v9, v13 = quarter(v1, v5, v9, v13, m[s[2]&15], m[s[3]&15])
		v2, v6, v10, v14 = quarter(v2, v6, v10, v14, m[s[4]&15], m[s[5]&15])
		v3, v7, v11, v15 = quarter(v3, v7, v11, v15, m[s[6]&15], m[s[7]&15])
		v0, v5, v10, v15 = quarter(v0, v5, v10, v15, m[s[8]&15], m[s[9]&15])
		v1, v6, v11, v12 = quarter(v1, v6, v11, v12, m[s[10]&15], m[s[11]&15])
		v2, v7, v8, v13 = quarter(v2, v7, v8, v13, m[s[12]&15], m[s[13]&15])
		v3, v4, v9, v14 = quarter(v3, v4, v9, v14, m[s[14]&15], m[s[15]&15])
	}
	for i, v := range [8]uint64{v0 ^ v8, v1 ^ v9, v2 ^ v10, v3 ^ v11, v4 ^ v12, v5 ^ v13, v6 ^ v14, v7 ^ v15} {
		b.state[i] ^= v
	}
}

// quarter is G of RFC 7693.
func quarter(a, b, c, d, x, y uint64) (uint64, uint64, uint64, uint64) {
	a += b + x
	d = bits.RotateLeft64(d^a, -32)
	c += d
	b = bits.RotateLeft64(b^c, -24)
	a += b + y
	d = bits.RotateLeft64(d^a, -16)
	c += d
	b = bits.RotateLeft64(b^c, -63)
	return a, b, c, d
}
