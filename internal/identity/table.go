package identity

import "hash/maphash"

// shards is how many pieces a table is in. An edit copies the pieces that it
// changes: of 100,000 entries, some 400 for one.
const shards = 256

// table is an immutable map. The zero table is empty.
type table[K comparable, V any] struct {
	seed   maphash.Seed
	shards []map[K]V // nil, or as many as there are
}

func (t table[K, V]) get(key K) (v V, ok bool) {
	if t.shards == nil {
		return v, false
	}
	v, ok = t.shards[t.shard(key)][key]
	return v, ok
}

func (t table[K, V]) shard(key K) int {
	return int(maphash.Comparable(t.seed, key) % shards)
}

// draft is a table being made from another, which stays as it is.
type draft[K comparable, V any] struct {
	table[K, V]
	own [shards]bool // no other table has this shard
}

func edit[K comparable, V any](t table[K, V]) *draft[K, V] {
	d := &draft[K, V]{table: table[K, V]{seed: t.seed, shards: make([]map[K]V, shards)}}
	if t.shards == nil {
		d.seed = maphash.MakeSeed()
	}
	copy(d.shards, t.shards)
	return d
}

func (d *draft[K, V]) set(key K, v V) { d.writable(d.shard(key))[key] = v }

func (d *draft[K, V]) delete(key K) {
	if _, ok := d.get(key); ok {
		delete(d.writable(d.shard(key)), key)
	}
}

// writable returns a shard that no other table has.
func (d *draft[K, V]) writable(i int) map[K]V {
	if d.own[i] {
		return d.shards[i]
	}
	fresh := make(map[K]V, len(d.shards[i])+1)
	for k, v := range d.shards[i] {
		fresh[k] = v
	}
	d.shards[i], d.own[i] = fresh, true
	return fresh
}
