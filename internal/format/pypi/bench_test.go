package pypi_test

import (
	"fmt"
	"testing"
)

// BenchmarkFirstAnswer asks for a page right after a publish has changed it:
// read from the database, rendered and compressed. It may take 20 ms a MB.
func BenchmarkFirstAnswer(b *testing.B) {
	for _, shape := range []struct {
		name            string
		versions, files int // files of each
	}{{"2000files", 200, 10}, {"5000versions", 5000, 1}} {
		b.Run(shape.name, func(b *testing.B) {
			e := start(b)
			put := func(version string, i int) {
				file := fmt.Sprintf("widget-%s-cp3%d-cp3%d-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", version, i, i)
				e.put(file, wheelOf(b, "widget-"+version, coreMetadata("widget", version, "Requires-Python: >=3.9")))
			}
			for i := range shape.versions {
				for j := range shape.files {
					put(fmt.Sprintf("1.%d.0", i), j)
				}
			}
			for _, accept := range []string{"application/vnd.pypi.simple.v1+json", "text/html"} {
				b.Run(accept[len(accept)-4:], func(b *testing.B) {
					size := len(e.get("simple/widget/", "Accept", accept, "Accept-Encoding", "identity").Body)
					for i := 0; b.Loop(); i++ {
						b.StopTimer()
						put(fmt.Sprintf("2.0.%d+%s", i, accept[len(accept)-4:]), 0)
						b.StartTimer()
						e.get("simple/widget/", "Accept", accept, "Accept-Encoding", "gzip")
					}
					mb := float64(size) / 1e6
					b.ReportMetric(mb, "MB")
					b.ReportMetric(b.Elapsed().Seconds()*1e3/float64(b.N)/mb, "ms/MB")
				})
			}
		})
	}
}
