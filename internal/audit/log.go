package audit

import (
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
	queue      = 4096
	flushEvery = 200 * time.Millisecond
	bufferSize = 64 << 10
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
	buffer []byte

	events  chan *Event
	dropped atomic.Int64
	stop    chan struct{}
	stopped chan struct{}
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
		events: make(chan *Event, queue), stop: make(chan struct{}), stopped: make(chan struct{}),
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
	return errors.Join(l.flush(), l.file.Close())
}

// Dropped returns how many records of reads were lost because requests came
// faster than the disk took them.
func (l *Log) Dropped() int64 { return l.dropped.Load() }

// Write writes the record of e before it returns. It is for what changes
// something: an answer whose record cannot be written is not given.
func (l *Log) Write(e *Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buffer = appendRecord(l.buffer, e, l.region)
	return l.flush()
}

// Queue writes the record of e soon, or counts it as dropped. e must not
// change afterwards. It is for reads.
func (l *Log) Queue(e *Event) {
	select {
	case l.events <- e:
	default:
		l.dropped.Add(1)
	}
}

func (l *Log) drain() {
	defer close(l.stopped)
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case e := <-l.events:
			l.add(e)
		case <-tick.C:
			l.mu.Lock()
			l.lose(l.flush())
			l.mu.Unlock()
		case <-l.stop:
			for {
				select {
				case e := <-l.events:
					l.add(e)
				default:
					return
				}
			}
		}
	}
}

func (l *Log) add(e *Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buffer = appendRecord(l.buffer, e, l.region)
	if len(l.buffer) >= bufferSize {
		l.lose(l.flush())
	}
}

// lose counts queued records that could not be written.
func (l *Log) lose(err error) {
	if err != nil {
		l.dropped.Add(1)
	}
}

// flush writes the buffer, with l.mu held. What could not be written is
// gone: a record that comes twice misleads as much as one that is missing.
func (l *Log) flush() error {
	if len(l.buffer) == 0 {
		return nil
	}
	n, err := l.file.Write(l.buffer)
	l.buffer = l.buffer[:0]
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
