package keyring_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/keyring"
)

var start = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func TestTheFirstMasterKeyThatIsThereCounts(t *testing.T) {
	for _, test := range []struct {
		name   string
		file   bool
		cred   bool
		value  bool
		inDir  bool
		master byte // which of them
	}{
		{"all", true, true, true, true, 'f'},
		{"no file", false, true, true, true, 'c'},
		{"no credential either", false, false, true, true, 'v'},
		{"the data directory's only", false, false, false, true, 'd'},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			c := keyring.Config{Dir: filepath.Join(dir, "keys"), Credentials: dir}
			if test.file {
				c.File = write(t, filepath.Join(dir, "file"), master('f'), 0o600)
			}
			if test.cred {
				write(t, filepath.Join(dir, "larder-master"), master('c'), 0o400)
			}
			if test.value {
				c.Value = master('v')
			}
			if test.inDir {
				mkdir(t, c.Dir)
				write(t, filepath.Join(c.Dir, "master.key"), master('d'), 0o600)
			}
			got := open(t, c).Derive(keyring.SessionSecret, "AKIA")

			only := keyring.Config{Dir: t.TempDir(), Value: master(test.master)}
			if want := open(t, only).Derive(keyring.SessionSecret, "AKIA"); got != want {
				t.Errorf("the master is not the one of %c", test.master)
			}
		})
	}
}

func TestAMasterKeyMayBeBytesOrBase64(t *testing.T) {
	raw := bytes.Repeat([]byte{'k'}, 32)
	want := open(t, keyring.Config{Dir: t.TempDir(), Value: base64.StdEncoding.EncodeToString(raw)}).
		Derive(keyring.SessionSecret, "")
	for name, text := range map[string]string{
		"bytes":                   string(raw),
		"base64":                  base64.StdEncoding.EncodeToString(raw),
		"base64 and a line break": base64.StdEncoding.EncodeToString(raw) + "\r\n",
	} {
		dir := t.TempDir()
		c := keyring.Config{Dir: dir, File: write(t, filepath.Join(dir, "file"), text, 0o600)}
		if got := open(t, c).Derive(keyring.SessionSecret, ""); got != want {
			t.Errorf("%s: another key", name)
		}
	}
	for name, text := range map[string]string{
		"nothing":          "",
		"too short":        base64.StdEncoding.EncodeToString(raw[:31]),
		"too long":         base64.StdEncoding.EncodeToString(append(raw, 0)),
		"hexadecimal":      fmt.Sprintf("%x", raw),
		"not canonical":    strings.TrimSuffix(base64.StdEncoding.EncodeToString(raw), "s=") + "t=",
		"broken into two":  base64.StdEncoding.EncodeToString(raw)[:20] + "\n" + base64.StdEncoding.EncodeToString(raw)[20:],
		"not base64":       strings.Repeat("!", 44),
		"a whole megabyte": strings.Repeat("A", 1<<20+1),
	} {
		dir := t.TempDir()
		c := keyring.Config{Dir: dir, File: write(t, filepath.Join(dir, "file"), text, 0o600)}
		if _, err := keyring.Open(c, start); err == nil {
			t.Errorf("%s is a master key", name)
		} else if len(text) > 40 && strings.Contains(err.Error(), text) {
			t.Errorf("%s: the error has the key in it: %v", name, err)
		}
		if text == "" {
			continue // an empty setting is none
		}
		if _, err := keyring.Open(keyring.Config{Dir: t.TempDir(), Value: text}, start); err == nil {
			t.Errorf("%s is a master key as a setting", name)
		}
	}
}

func TestANamedFileMustBeThere(t *testing.T) {
	dir := t.TempDir()
	c := keyring.Config{Dir: filepath.Join(dir, "keys"), File: filepath.Join(dir, "absent"), Value: master('v')}
	if _, err := keyring.Open(c, start); err == nil || !strings.Contains(err.Error(), c.File) {
		t.Errorf("got %v, want an error that names the file", err)
	}
}

func TestFilesThatOthersMayReadAreRefused(t *testing.T) {
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o644, 0o660, 0o602, 0o700} {
		t.Run(fmt.Sprintf("%04o", mode), func(t *testing.T) {
			refused := func(c keyring.Config, path string) {
				t.Helper()
				want := fmt.Sprintf("%s has mode %04o, so that others may read or change it: chmod 0600 it", path, mode)
				if _, err := keyring.Open(c, start); err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q", err, want)
				}
			}
			dir := t.TempDir()
			file := write(t, filepath.Join(dir, "file"), master('f'), mode)
			refused(keyring.Config{Dir: filepath.Join(dir, "1"), File: file}, file)

			own := filepath.Join(dir, "2", "master.key")
			mkdir(t, filepath.Dir(own))
			write(t, own, master('d'), mode)
			refused(keyring.Config{Dir: filepath.Dir(own)}, own)

			c := keyring.Config{Dir: filepath.Join(dir, "3")}
			open(t, c)
			ring := filepath.Join(c.Dir, "ring.json")
			if err := os.Chmod(ring, mode); err != nil {
				t.Fatal(err)
			}
			refused(c, ring)
		})
	}
}

func TestACredentialMayShowItsAccessList(t *testing.T) {
	for mode, ok := range map[fs.FileMode]bool{0o400: true, 0o440: true, 0o600: true, 0o444: false, 0o460: false} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "larder-master"), master('c'), mode)
		_, err := keyring.Open(keyring.Config{Dir: filepath.Join(dir, "keys"), Credentials: dir}, start)
		if (err == nil) != ok {
			t.Errorf("mode %04o: got %v, want ok %v", mode, err, ok)
		}
	}
}

func TestTheFirstStartMakesKeysForTheOwnerAlone(t *testing.T) {
	c := keyring.Config{Dir: filepath.Join(t.TempDir(), "data", "keys")}
	r := open(t, c)
	for path, want := range map[string]fs.FileMode{"": 0o700, "master.key": 0o600, "ring.json": 0o600} {
		info, err := os.Stat(filepath.Join(c.Dir, path))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("mode of %q is %04o, want %04o", path, got, want)
		}
	}
	sealed := r.SealString(keyring.Marker, "", []byte("after"))
	again := open(t, c)
	if got, err := again.UnsealString(start, keyring.Marker, "", sealed); string(got) != "after" || err != nil {
		t.Errorf("after reopening: got %q, %v", got, err)
	}
	if again.Instance() != r.Instance() {
		t.Error("the instance changed")
	}
	other := open(t, keyring.Config{Dir: t.TempDir()})
	if other.Instance() == r.Instance() {
		t.Error("two registries are one instance")
	}
}

func TestNoMasterKeyIsMadeForARingThatIsThere(t *testing.T) {
	c := keyring.Config{Dir: t.TempDir()}
	open(t, c)
	if err := os.Remove(filepath.Join(c.Dir, "master.key")); err != nil {
		t.Fatal(err)
	}
	if _, err := keyring.Open(c, start); err == nil || !strings.Contains(err.Error(), "the master key is missing") {
		t.Errorf("got %v, want that the master key is missing", err)
	}
	if _, err := os.Stat(filepath.Join(c.Dir, "master.key")); err == nil {
		t.Error("a master key was made")
	}
}

func TestAnotherMasterKeyIsRefusedByName(t *testing.T) {
	c := keyring.Config{Dir: t.TempDir(), Value: master('1')}
	open(t, c)
	c.Value = master('2')
	_, err := keyring.Open(c, start)
	want := filepath.Join(c.Dir, "ring.json") + " was made with another master key than the one from its setting"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestACrashWhileWritingIsHarmless(t *testing.T) {
	c := keyring.Config{Dir: t.TempDir()}
	r := open(t, c)
	sealed := r.SealString(keyring.Marker, "", []byte("after"))
	write(t, filepath.Join(c.Dir, "ring.json.new"), `{"version":1,"inst`, 0o600)
	r = open(t, c)
	if err := r.Rotate(start); err != nil {
		t.Fatal(err)
	}
	if _, err := r.UnsealString(start, keyring.Marker, "", sealed); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(c.Dir, "ring.json.new")); err == nil {
		t.Error("the file of the crash is still there")
	}
	// Between making the master key and the ring.
	if err := os.Remove(filepath.Join(c.Dir, "ring.json")); err != nil {
		t.Fatal(err)
	}
	open(t, c)
}

func TestADamagedRingIsRefused(t *testing.T) {
	c := keyring.Config{Dir: t.TempDir()}
	open(t, c)
	path := filepath.Join(c.Dir, "ring.json")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(whole)
	kid := `"kid": 1,`
	for name, damaged := range map[string]string{
		"empty":             "",
		"truncated":         text[:len(text)/2],
		"two rings":         text + text,
		"of the future":     strings.Replace(text, `"version": 1`, `"version": 2`, 1),
		"no keys":           `{"version":1,"instance":"AAAAAAAAAAAAAAAAAAAAAA=="}`,
		"another instance":  strings.Replace(text, `"instance": "`, `"instance": "AAAA`, 1),
		"a kid too large":   strings.Replace(text, kid, `"kid": 256,`, 1),
		"a kid twice":       strings.Replace(text, `"generations": [`, `"generations": [{"kid": 1, "epoch": "AQIDBAUGBwg="},`, 1),
		"a zero epoch":      strings.Replace(text, `"generations": [`, `"generations": [{"kid": 2, "epoch": "AAAAAAAAAAA="},`, 1),
		"a data key twice":  strings.Replace(text, `"dataKeys": [`, `"dataKeys": [{"id": 1},`, 1),
		"an empty data key": strings.Replace(text, `"dataKeys": [`, `"dataKeys": [{"id": 2},`, 1),
	} {
		if damaged == text {
			t.Fatalf("%s: nothing was damaged", name)
		}
		write(t, path, damaged, 0o600)
		if _, err := keyring.Open(c, start); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got %v, want an error that names the file", name, err)
		}
	}
}

func TestNothingPrintsAKey(t *testing.T) {
	c := keyring.Config{Dir: t.TempDir(), Value: master('s')}
	r := open(t, c)
	key := bytes.Repeat([]byte{'s'}, 32)
	secrets := []string{c.Value, string(key), fmt.Sprintf("%d", key), fmt.Sprintf("%x", key), fmt.Sprintf("%X", key)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		for _, value := range []any{r, c, &c, struct{ R *keyring.Ring }{r}, []any{r, c}} {
			got := fmt.Sprintf(verb, value)
			for _, secret := range secrets {
				if strings.Contains(got, secret) {
					t.Errorf("%s of %T prints the master key: %s", verb, value, got)
				}
			}
		}
	}
}

// master returns the base64 of a master key for tests.
func master(b byte) string {
	return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, 32))
}

func open(t testing.TB, c keyring.Config) *keyring.Ring {
	t.Helper()
	r, err := keyring.Open(c, start)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// write makes a file of that mode and returns its path.
func write(t *testing.T, path, text string, mode fs.FileMode) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
}
