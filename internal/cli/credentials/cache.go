package credentials

import (
	"crypto/sha1" //nolint:gosec // a name for a file, and the AWS CLI's
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"time"

	"larder.example/larder/internal/cli/value"
)

// renewal is how long before their end keys of the cache are not used any
// more [botocore].
const renewal = 15 * time.Minute

// cacheFile returns where the AWS CLI keeps what was got for a request.
func (c *Chain) cacheFile(key string) string {
	sum := sha1.Sum([]byte(key)) //nolint:gosec // as above
	return filepath.Join(c.Home, ".aws", "cli", "cache", hex.EncodeToString(sum[:])+".json")
}

// cached returns keys that were got before and are good for a while.
func (c *Chain) cached(file, source string) (Keys, bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		return Keys{}, false
	}
	v, err := value.ParseJSON(string(text))
	o, ok := v.(*value.Object)
	if err != nil || !ok {
		return Keys{}, false
	}
	k, ok := keysOf(o, source)
	return k, ok && k.Expires.Sub(c.Now()) >= renewal
}

// keep writes what was got into the cache. That it cannot is no reason to fail.
func keep(file string, answer *value.Object) {
	writePrivately(file, []byte(value.Dumps(answer))) //nolint:errcheck // the next run asks again
}

// writePrivately puts a file in place for its owner alone, whole or not at all.
func writePrivately(file string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".new") // 0600
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
