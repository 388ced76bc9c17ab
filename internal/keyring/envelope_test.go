package keyring_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"larder.example/larder/internal/keyring"
)

func TestEncryptedSecretsBelongToTheirRecord(t *testing.T) {
	c := keyring.Config{Dir: t.TempDir()}
	r := open(t, c)
	rec := keyring.Record{Table: "access_keys", ID: "AKIA1", Account: "111122223333"}
	encrypted := r.Encrypt(rec, []byte("secret"))
	for name, r := range map[string]*keyring.Ring{"the ring": r, "the ring after reopening": open(t, c)} {
		if got, err := r.Decrypt(rec, encrypted); string(got) != "secret" || err != nil {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
	if err := r.Replace(start); err != nil {
		t.Fatal(err)
	}
	if got, err := r.Decrypt(rec, encrypted); string(got) != "secret" || err != nil {
		t.Errorf("after Replace: got %q, %v", got, err)
	}
	for _, other := range []keyring.Record{
		{Table: "roles", ID: rec.ID, Account: rec.Account},
		{Table: rec.Table, ID: "AKIA2", Account: rec.Account},
		{Table: rec.Table, ID: rec.ID, Account: "111122223334"},
		{Table: rec.Table + rec.ID, ID: "", Account: rec.Account},
		{Table: rec.Table, ID: rec.ID + "1", Account: rec.Account[1:]},
		{},
	} {
		if got, err := r.Decrypt(other, encrypted); err == nil {
			t.Errorf("decrypts as %q for %v", got, other)
		}
	}
	for i := range encrypted {
		for bit := range 8 {
			changed := bytes.Clone(encrypted)
			changed[i] ^= 1 << bit
			if got, err := r.Decrypt(rec, changed); err == nil {
				t.Errorf("with bit %d of byte %d changed decrypts as %q", bit, i, got)
			}
		}
		if got, err := r.Decrypt(rec, encrypted[:i]); err == nil {
			t.Errorf("the first %d bytes decrypt as %q", i, got)
		}
	}
	if got, err := open(t, keyring.Config{Dir: t.TempDir()}).Decrypt(rec, encrypted); err == nil {
		t.Errorf("another registry decrypts it as %q", got)
	}
	if strings.Contains(string(encrypted), "secret") {
		t.Error("the secret is readable")
	}
}

func FuzzDecrypt(f *testing.F) {
	r := open(f, keyring.Config{Dir: f.TempDir(), Value: master('m')})
	rec := keyring.Record{Table: "t", ID: "i", Account: "a"}
	f.Add(r.Encrypt(rec, []byte("secret")))
	f.Add([]byte{1, 0, 0, 0, 1})
	f.Add(bytes.Repeat([]byte{math.MaxUint8}, 40))
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, err := r.Decrypt(keyring.Record{}, b); err == nil {
			t.Errorf("%x decrypts as %q", b, got)
		}
	})
}
