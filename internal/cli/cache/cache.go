package cache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// Key is what a token opens, and for whom.
type Key struct {
	Endpoint string // of the service that sealed it
	Region   string
	Domain   string
	Owner    string // empty: the caller's account
	Identity string // the access key ID that asked
}

// Entry is a token with what is known of it.
type Entry struct {
	Key     Key
	Token   string
	Issued  time.Time
	Expires time.Time
	Checked time.Time // when it was last known to be good

	// Origins are the addresses, scheme://host:port, at which the service
	// says that repositories of the domain are, and to which the token may be
	// sent.
	Origins []string
}

// Cache is a directory of entries. It is safe for concurrent use, by several
// processes too.
type Cache struct {
	Dir string
	Now func() time.Time // nil is time.Now
}

// Ask says how the caller talks to the service.
type Ask struct {
	// Fetch asks for a new token.
	Fetch func(context.Context) (Entry, error)

	// Answered reports whether a failure of Fetch is what the service answers.
	// Any other leaves open what it would have said.
	Answered func(error) bool

	// Refused reports whether the service no longer takes a token at all. Nil
	// takes each for good until it expires. It is asked once a minute at most.
	Refused func(context.Context, Entry) bool
}

// doubt is after how long a token is no longer taken for good unchecked: its
// user may be gone.
const doubt = time.Minute

// Token returns the token of a key, from the cache or anew.
func (c *Cache) Token(ctx context.Context, k Key, ask Ask) (Entry, error) {
	if e, found := c.read(k); found && !c.due(e) && c.now().Sub(e.Checked) < doubt {
		return e, nil
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return Entry{}, fmt.Errorf("make the cache of tokens, for which LARDER_CACHE names another place: %w", err)
	}
	unlock, err := lockedfile.MutexAt(c.path(k) + ".lock").Lock()
	if err != nil {
		return Entry{}, fmt.Errorf("lock the cache of tokens: %w", err)
	}
	defer unlock()
	e, found := c.read(k) // by whom we waited for
	if found && c.now().Sub(e.Checked) >= doubt {
		if ask.Refused != nil && ask.Refused(ctx, e) {
			found = false
		} else {
			e.Checked = c.now()
			if !c.due(e) {
				return e, c.write(e)
			}
		}
	}
	if found && !c.due(e) {
		return e, nil
	}
	return c.renew(ctx, k, e, found, ask)
}

// renew asks for a new token. While the service cannot be reached, one that
// has not expired will do; one that the service would not give again will
// not.
func (c *Cache) renew(ctx context.Context, k Key, old Entry, found bool, ask Ask) (Entry, error) {
	e, err := ask.Fetch(ctx)
	if err != nil {
		if found && !ask.Answered(err) && c.now().Before(old.Expires) {
			return old, nil
		}
		return Entry{}, errors.Join(err, c.remove(k))
	}
	e.Key, e.Issued, e.Checked = k, c.now(), c.now()
	return e, c.write(e)
}

// due reports whether it is time for another token.
func (c *Cache) due(e Entry) bool {
	return !c.now().Before(e.Issued.Add(e.Expires.Sub(e.Issued) * 4 / 5))
}

// Forget removes a token that was refused, unless another has taken its place.
func (c *Cache) Forget(k Key, token string) error {
	if e, found := c.read(k); !found || e.Token != token {
		return nil
	}
	return c.remove(k)
}

// Trust adds an origin to those of an entry.
func (c *Cache) Trust(e Entry, origin string) (Entry, error) {
	if slices.Contains(e.Origins, origin) {
		return e, nil
	}
	e.Origins = append(slices.Clip(e.Origins), origin)
	return e, c.write(e)
}

// All returns what is there, in no order.
func (c *Cache) All() ([]Entry, error) {
	files, err := os.ReadDir(c.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list the cache of tokens: %w", err)
	}
	var all []Entry
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".json") {
			if e, err := load(filepath.Join(c.Dir, f.Name())); err == nil {
				all = append(all, e)
			}
		}
	}
	return all, nil
}

// read returns what is kept for a key. What cannot be read is not there.
func (c *Cache) read(k Key) (Entry, bool) {
	e, err := load(c.path(k))
	return e, err == nil && e.Key == k
}

func load(path string) (Entry, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Entry{}, err
	}
	var e Entry
	return e, json.Unmarshal(text, &e)
}

// write puts an entry in the place of another at once.
func (c *Cache) write(e Entry) error {
	text, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode a token for the cache: %w", err)
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return fmt.Errorf("make the cache of tokens, for which LARDER_CACHE names another place: %w", err)
	}
	f, err := os.CreateTemp(c.Dir, ".new-*") // with mode 0600
	if err != nil {
		return fmt.Errorf("write to the cache of tokens: %w", err)
	}
	defer os.Remove(f.Name()) //nolint:errcheck // it has another name by then
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), c.path(e.Key))
	}
	if err != nil {
		return fmt.Errorf("write to the cache of tokens: %w", err)
	}
	return nil
}

func (c *Cache) remove(k Key) error {
	if err := os.Remove(c.path(k)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove a token from the cache: %w", err)
	}
	return nil
}

// path names a file by all of the key, and says none of it.
func (c *Cache) path(k Key) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{k.Endpoint, k.Region, k.Domain, k.Owner, k.Identity}, "\n")))
	return filepath.Join(c.Dir, hex.EncodeToString(sum[:16])+".json")
}

func (c *Cache) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}

// Noted is what is known of a token that is kept elsewhere.
type Noted struct {
	Address string // of a repository that it was asked for
	Expires time.Time
}

// Note keeps what is known of a token, and not the token.
func (c *Cache) Note(token string, n Noted) error {
	text, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("encode a note for the cache of tokens: %w", err)
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return fmt.Errorf("make the cache of tokens, for which LARDER_CACHE names another place: %w", err)
	}
	if err := os.WriteFile(c.note(token), text, 0o600); err != nil {
		return fmt.Errorf("write to the cache of tokens: %w", err)
	}
	return nil
}

// Noted returns what was noted of a token.
func (c *Cache) Noted(token string) (n Noted, found bool) {
	text, err := os.ReadFile(c.note(token))
	return n, err == nil && json.Unmarshal(text, &n) == nil
}

func (c *Cache) note(token string) string {
	sum := sha256.Sum256([]byte(token))
	return filepath.Join(c.Dir, hex.EncodeToString(sum[:16])+".expiry")
}
