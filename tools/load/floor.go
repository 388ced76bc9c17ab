package main

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"

	_ "modernc.org/sqlite" // registers the driver
)

// floor takes a publish with the least that makes it durable: decode the
// document, sum the tarball four times, write it to a file that is synced and
// named, commit three rows together with whoever else waits.
type floor struct {
	dir     string
	db      *sql.DB
	commits chan *commit
	puts    atomic.Int64
}

// commit is the rows of one publish on their way.
type commit struct {
	pkg, number, digest string
	manifest            []byte
	done                chan error
}

func openFloor(dir string) (*floor, error) {
	f := &floor{dir: filepath.Join(dir, "floor"), commits: make(chan *commit, 64)}
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return nil, err
	}
	var err error
	f.db, err = sql.Open("sqlite", "file:"+filepath.Join(dir, "floor.db")+
		"?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(5000)")
	if err != nil {
		return nil, err
	}
	f.db.SetMaxOpenConns(1)
	_, err = f.db.ExecContext(context.Background(), `
		CREATE TABLE versions (id INTEGER PRIMARY KEY, pkg TEXT NOT NULL, number TEXT NOT NULL, manifest BLOB NOT NULL, UNIQUE (pkg, number)) STRICT;
		CREATE TABLE blobs (digest TEXT PRIMARY KEY, size INTEGER NOT NULL) STRICT;
		CREATE TABLE assets (version INTEGER NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (version, name)) STRICT`)
	if err != nil {
		return nil, err
	}
	go f.write()
	return f, nil
}

func (f *floor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	publish := f.publish
	if r.URL.Path == putPath {
		publish = f.put
	}
	if err := publish(r); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	fmt.Fprint(w, `{"ok":true}`)
}

func (f *floor) publish(r *http.Request) error {
	var document struct {
		Name        string                     `json:"name"`
		Versions    map[string]json.RawMessage `json:"versions"`
		Attachments map[string]struct {
			Data []byte `json:"data"`
		} `json:"_attachments"`
	}
	if err := json.NewDecoder(r.Body).Decode(&document); err != nil {
		return err
	}
	c := &commit{pkg: document.Name}
	for c.number, c.manifest = range document.Versions {
	}
	for _, a := range document.Attachments {
		return f.store(c, a.Data)
	}
	return errors.New("a document without an attachment")
}

// put takes a file that is the body itself.
func (f *floor) put(r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	return f.store(&commit{pkg: "file", number: strconv.FormatInt(f.puts.Add(1), 10), manifest: []byte("{}")}, body)
}

// store makes the bytes and the rows of a publish durable.
func (f *floor) store(c *commit, data []byte) error {
	sum := sha256.Sum256(data)
	md5.Sum(data)
	sha1.Sum(data)
	sha512.Sum512(data)
	c.digest, c.done = hex.EncodeToString(sum[:]), make(chan error, 1)
	if err := f.place(c.digest, data); err != nil {
		return err
	}
	f.commits <- c
	return <-c.done
}

// place makes a file and its name durable.
func (f *floor) place(name string, body []byte) error {
	t, err := os.CreateTemp(f.dir, "")
	if err != nil {
		return err
	}
	if _, err := bytes.NewReader(body).WriteTo(t); err != nil {
		return err
	}
	if err := t.Sync(); err != nil {
		return err
	}
	if err := t.Close(); err != nil {
		return err
	}
	if err := os.Rename(t.Name(), filepath.Join(f.dir, name)); err != nil {
		return err
	}
	d, err := os.Open(f.dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// write commits what has gathered, again and again.
func (f *floor) write() {
	for first := range f.commits {
		batch := []*commit{first}
		for more := true; more && len(batch) < 16; {
			select {
			case c := <-f.commits:
				batch = append(batch, c)
			default:
				more = false
			}
		}
		err := f.insert(batch)
		for _, c := range batch {
			c.done <- err
		}
	}
}

func (f *floor) insert(batch []*commit) error {
	ctx := context.Background()
	tx, err := f.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, c := range batch {
		var id int64
		err := tx.QueryRowContext(ctx, `INSERT INTO versions (pkg, number, manifest) VALUES ($1, $2, $3) RETURNING id`,
			c.pkg, c.number, c.manifest).Scan(&id)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO blobs (digest, size) VALUES ($1, 1)`, c.digest); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO assets (version, name, digest) VALUES ($1, 'package.tgz', $2)`, id, c.digest); err != nil {
			return err
		}
	}
	return tx.Commit()
}
