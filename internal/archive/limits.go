package archive

import (
	"fmt"

	"larder.example/larder"
)

// Limits bound what an archive may cost, us to read and others to unpack. A
// field that is zero is its default.
type Limits struct {
	Entries int   // default 100,000
	Entry   int64 // inflated bytes of one entry; default Total
	Total   int64 // inflated bytes of the whole, with a tar's headers; default 512 MiB
	Ratio   int64 // of inflated to packed bytes, judged beyond 16 MiB inflated; default 200
}

// ratioFrom is how much an archive may inflate to before Ratio counts: small
// archives of zeros and of generated code are harmless and not rare.
const ratioFrom = 16 << 20

func (l Limits) orDefaults() Limits {
	if l.Entries == 0 {
		l.Entries = 100_000
	}
	if l.Total == 0 {
		l.Total = 512 << 20
	}
	if l.Entry == 0 {
		l.Entry = l.Total
	}
	if l.Ratio == 0 {
		l.Ratio = 200
	}
	return l
}

// checkEntries judges that there are n entries.
func (l Limits) checkEntries(n int64) error {
	if n > int64(l.Entries) {
		return larder.Errorf(larder.Invalid, "The archive holds more than %d entries.", l.Entries)
	}
	return nil
}

// checkEntry judges that an entry inflates to n bytes.
func (l Limits) checkEntry(name string, n int64) error {
	if n < 0 || n > l.Entry {
		return larder.Errorf(larder.Invalid, "The archive's entry %s inflates to more than %s.", short(name), amount(l.Entry))
	}
	return nil
}

// checkTotal judges that inflated bytes came, or are to come, of packed ones.
func (l Limits) checkTotal(inflated, packed int64) error {
	if inflated > l.Total {
		return l.tooMuch()
	}
	if inflated > ratioFrom && inflated/l.Ratio > packed {
		return larder.Errorf(larder.Invalid, "The archive inflates to more than %d times its size.", l.Ratio)
	}
	return nil
}

func (l Limits) tooMuch() error {
	return larder.Errorf(larder.Invalid, "The archive inflates to more than %s.", amount(l.Total))
}

// amount spells a number of bytes.
func amount(n int64) string {
	for _, unit := range []struct {
		name string
		size int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if n >= unit.size && n%unit.size == 0 {
			return fmt.Sprintf("%d %s", n/unit.size, unit.name)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}

// short quotes a name for a message: it is a stranger's, and may be long.
func short(name string) string {
	const most = 120
	if len(name) > most {
		return fmt.Sprintf("%q...", name[:most])
	}
	return fmt.Sprintf("%q", name)
}
