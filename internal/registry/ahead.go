package registry

import "iter"

// ahead yields what seq yields, which it reads in a goroutine of its own while
// the consumer is at work: reading versions and writing them into a document
// cost about the same. The goroutine has ended when ahead's loop has.
func ahead[T any](seq iter.Seq2[T, error]) iter.Seq2[T, error] {
	const batch = 64
	type item struct {
		value T
		err   error
	}
	return func(yield func(T, error) bool) {
		batches, stop := make(chan []item, 4), make(chan struct{})
		defer func() {
			close(stop)
			for range batches {
			}
		}()
		go func() {
			defer close(batches)
			var next []item
			pass := func() bool {
				select {
				case batches <- next:
					next = make([]item, 0, batch)
					return true
				case <-stop:
					return false
				}
			}
			for value, err := range seq {
				if next = append(next, item{value, err}); len(next) == batch && !pass() {
					return
				}
			}
			pass()
		}()
		for b := range batches {
			for _, i := range b {
				if !yield(i.value, i.err) {
					return
				}
			}
		}
	}
}
