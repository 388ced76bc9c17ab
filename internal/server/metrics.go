package server

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"larder.example/larder/internal/audit"
	"larder.example/larder/internal/registry"
)

// metrics counts requests. A nil one counts nothing.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	bytes    *prometheus.CounterVec
	pulls    *prometheus.CounterVec
	drifts   *prometheus.CounterVec
	series   sync.Map // of seriesKey to *series: three lookups of Prometheus' own cost a microsecond
}

// seriesKey is what the metrics of a request are counted under.
type seriesKey struct {
	service, name string
	status        int
}

type series struct {
	requests, bytes prometheus.Counter
	seconds         prometheus.Observer
}

func newMetrics(log *audit.Log) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "larder_requests_total", Help: "Requests answered, by operation and status.",
		},
			[]string{"service", "operation", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "larder_request_seconds", Help: "Time from a request's arrival to the end of its answer.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60},
		},
			[]string{"service", "operation"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "larder_response_bytes_total", Help: "Bytes of answers' bodies.",
		},
			[]string{"service", "operation"}),
		pulls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "larder_upstream_requests_total", Help: "What became of asking public registries, by connection, kind and outcome.",
		},
			[]string{"connection", "kind", "outcome"}),
		drifts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "larder_upstream_changed_total", Help: "Files of which public registries told or sent other bytes than are here.",
		},
			[]string{"connection"}),
	}
	dropped := prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "larder_audit_dropped_total", Help: "Audit records of reads that could not be kept up with.",
	},
		func() float64 { return float64(log.Dropped()) })
	m.registry.MustRegister(m.requests, m.seconds, m.bytes, m.pulls, m.drifts, dropped,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) observe(e *audit.Event, took time.Duration) {
	if m == nil {
		return
	}
	s := m.of(seriesKey{e.Service, e.Name, e.Status})
	s.requests.Inc()
	s.seconds.Observe(took.Seconds())
	s.bytes.Add(float64(e.Bytes))
}

func (m *metrics) pulled(p registry.Pull) {
	if m != nil {
		m.pulls.WithLabelValues(p.Connection, p.What, string(p.Outcome)).Inc()
	}
}

func (m *metrics) drifted(d registry.Drift) {
	if m != nil {
		m.drifts.WithLabelValues(d.Connection).Inc()
	}
}

func (m *metrics) of(k seriesKey) *series {
	if s, ok := m.series.Load(k); ok {
		return s.(*series)
	}
	s, _ := m.series.LoadOrStore(k, &series{
		requests: m.requests.WithLabelValues(k.service, k.name, strconv.Itoa(k.status)),
		bytes:    m.bytes.WithLabelValues(k.service, k.name),
		seconds:  m.seconds.WithLabelValues(k.service, k.name),
	})
	return s.(*series)
}

func (m *metrics) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	return mux
}
