package registry

import (
	"errors"
	"iter"
	"slices"
	"testing"
)

func TestAheadYieldsEverythingInOrder(t *testing.T) {
	for _, n := range []int{0, 1, 63, 64, 65, 1000} {
		var got []int
		for i, err := range ahead(numbers(n, nil)) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, i)
		}
		if len(got) != n || !slices.IsSorted(got) {
			t.Errorf("of %d came %d: %v", n, len(got), got)
		}
	}
}

func TestAheadYieldsTheErrorLast(t *testing.T) {
	broken := errors.New("broken")
	var got []error
	for _, err := range ahead(numbers(100, broken)) {
		got = append(got, err)
	}
	if len(got) != 101 || !errors.Is(got[100], broken) {
		t.Errorf("%d values, the last with %v", len(got), got[len(got)-1])
	}
}

func TestAheadHasStoppedReadingWhenItsLoopEnds(t *testing.T) {
	reading := false
	seq := func(yield func(int, error) bool) {
		reading = true
		defer func() { reading = false }()
		for i := 0; yield(i, nil); i++ {
		}
	}
	for i, err := range ahead(seq) {
		if err != nil {
			t.Fatal(err)
		}
		if i == 200 {
			break
		}
	}
	if reading {
		t.Error("it reads on")
	}
}

// numbers yields the numbers below n, and then err if there is one.
func numbers(n int, err error) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := range n {
			if !yield(i, nil) {
				return
			}
		}
		if err != nil {
			yield(0, err)
		}
	}
}
