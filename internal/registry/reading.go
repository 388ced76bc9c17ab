package registry

import (
	"sync"

	"larder.example/larder/internal/format"
)

// maxReadings bounds what is remembered of indexes, by [format.Package.Held].
const maxReadings = 8 << 20

// readings are indexes as they were read, by the blob that they are stored
// as: an install asks for the index of a package, for what it leads to, and
// for one version of it.
type readings struct {
	mu   sync.Mutex // guards what follows
	held int64
	pkgs map[int64]*format.Package
}

// of returns the index in a blob; nil: it is not remembered.
func (r *readings) of(blob int64) *format.Package {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pkgs[blob]
}

// keep remembers an index, and forgets others that there is no room for.
func (r *readings) keep(blob int64, pkg *format.Package) {
	if pkg.Held == 0 || pkg.Held > maxReadings/4 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pkgs == nil {
		r.pkgs = map[int64]*format.Package{}
	}
	if had := r.pkgs[blob]; had != nil {
		r.held -= had.Held
	}
	r.pkgs[blob] = pkg
	r.held += pkg.Held
	for other, had := range r.pkgs {
		if r.held <= maxReadings {
			break
		}
		if other != blob {
			delete(r.pkgs, other)
			r.held -= had.Held
		}
	}
}

// forget has an index read again.
func (r *readings) forget(blob int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if had := r.pkgs[blob]; had != nil {
		delete(r.pkgs, blob)
		r.held -= had.Held
	}
}
