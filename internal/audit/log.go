package audit

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	current    = "audit.jsonl"
	flushEvery = 200 * time.Millisecond

	// enough is how many bytes of queued records are written at once, and
	// most how many may wait before more are dropped.
	enough = 64 << 10
	most   = 4 << 20
)

// Log writes records into a directory, to audit.jsonl, which becomes
// audit-TIME.jsonl when it is full.
type Log struct {
	dir    string
	region string
	max    int64 // bytes of one file
	keep   int   // full files that are kept; 0 is all
	now    func() time.Time

	mu     sync.Mutex // guards what follows
	file   *os.File
	size   int64
	record []byte // of Write, for the next one

	queueing sync.Mutex // guards what follows; never held while something is written
	queued   []byte

	written []byte        // of drain, for the next records
	wake    chan struct{} // enough is queued
	stop    chan struct{}
	stopped chan struct{}
	dropped atomic.Int64
}

// Options say how a [Log] writes.
type Options struct {
	Region  string
	MaxFile int64            // bytes after which a new file is begun. Default 64 MiB
	Keep    int              // how many full files are kept. Default 0: all
	Now     func() time.Time // nil is time.Now
}

// Open makes dir (0700) if need be and goes on writing to its audit.jsonl
// (0600).
func Open(dir string, o Options) (*Log, error) {
	if o.MaxFile == 0 {
		o.MaxFile = 64 << 20
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	l := &Log{
		dir: dir, region: o.Region, max: o.MaxFile, keep: o.Keep, now: o.Now,
		wake: make(chan struct{}, 1), stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	if err := l.open(); err != nil {
		return nil, err
	}
	go l.drain()
	return l, nil
}

// Close writes what is queued.
func (l *Log) Close() error {
	close(l.stop)
	<-l.stopped
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.file.Close()
}

// Dropped returns how many records of reads were lost because requests came
// faster than the disk took them, or because it took none.
func (l *Log) Dropped() int64 { return l.dropped.Load() }

// Write writes the record of e before it returns. It is for what changes
// something: an answer whose record cannot be written is not given.
func (l *Log) Write(e *Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.record = appendRecord(l.record[:0], e, l.region)
	return l.write(l.record)
}

// Queue writes the record of e soon, or counts it as dropped; it never waits
// for the disk. It is for reads.
func (l *Log) Queue(e *Event) {
	l.queueing.Lock()
	full := len(l.queued) >= most
	if !full {
		l.queued = appendRecord(l.queued, e, l.region)
	}
	due := len(l.queued) >= enough
	l.queueing.Unlock()
	if full {
		l.dropped.Add(1)
	}
	if due {
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}
}

// drain writes what is queued until Close.
func (l *Log) drain() {
	defer close(l.stopped)
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for last := false; !last; {
		select {
		case <-l.wake:
		case <-tick.C:
		case <-l.stop:
			last = true
		}
		l.flush()
	}
}

// flush writes what is queued. What could not be written is gone: a record
// that comes twice misleads as much as one that is missing.
func (l *Log) flush() {
	l.queueing.Lock()
	l.queued, l.written = l.written[:0], l.queued
	l.queueing.Unlock()
	if len(l.written) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.write(l.written); err != nil {
		l.dropped.Add(int64(bytes.Count(l.written, []byte("\n"))))
	}
}

// write writes records, with l.mu held.
func (l *Log) write(records []byte) error {
	n, err := l.file.Write(records)
	l.size += int64(n)
	if err != nil {
		return fmt.Errorf("write the audit log: %w", err)
	}
	if l.size >= l.max {
		return l.rotate()
	}
	return nil
}

func (l *Log) open() error {
	f, err := os.OpenFile(filepath.Join(l.dir, current), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	l.file, l.size = f, info.Size()
	return nil
}

func (l *Log) rotate() error {
	full := filepath.Join(l.dir, "audit-"+l.now().UTC().Format("20060102T150405.000000000Z")+".jsonl")
	if err := os.Rename(filepath.Join(l.dir, current), full); err != nil {
		return err
	}
	if err := l.file.Close(); err != nil {
		return err
	}
	if err := l.open(); err != nil {
		return err
	}
	if l.keep == 0 {
		return nil
	}
	old, err := filepath.Glob(filepath.Join(l.dir, "audit-*.jsonl")) // their names sort by time
	if err != nil {
		return err
	}
	slices.Sort(old)
	for _, name := range old[:max(0, len(old)-l.keep)] {
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	return nil
}
