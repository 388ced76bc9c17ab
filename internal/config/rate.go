package config

import (
	"fmt"
	"strconv"
	"strings"
)

// Rate is how often something may happen: so many times a second, and so many
// at once after a pause. It is spelled 10/100; the zero Rate, 0, is no bound.
type Rate struct {
	PerSecond float64
	Burst     int
}

type rate struct{ p *Rate }

func (v rate) Set(s string) error {
	if s == "0" {
		*v.p = Rate{}
		return nil
	}
	often, most, ok := strings.Cut(s, "/")
	perSecond, err := strconv.ParseFloat(often, 64)
	burst, err2 := strconv.Atoi(most)
	if !ok || err != nil || err2 != nil || !(perSecond > 0) || perSecond > 1e9 || burst < 1 {
		return fmt.Errorf("%q is not a rate such as 10/100: ten a second, a hundred at once", s)
	}
	*v.p = Rate{perSecond, burst}
	return nil
}

func (v rate) String() string {
	if v.p == nil {
		return ""
	}
	if *v.p == (Rate{}) {
		return "0"
	}
	return strconv.FormatFloat(v.p.PerSecond, 'g', -1, 64) + "/" + strconv.Itoa(v.p.Burst)
}
