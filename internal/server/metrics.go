package server

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"larder.example/larder/internal/audit"
)

// metrics counts requests. A nil one counts nothing.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	bytes    *prometheus.CounterVec
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
	}
	dropped := prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "larder_audit_dropped_total", Help: "Audit records of reads that could not be kept up with.",
	},
		func() float64 { return float64(log.Dropped()) })
	m.registry.MustRegister(m.requests, m.seconds, m.bytes, dropped,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) observe(e *audit.Event, took time.Duration) {
	if m == nil {
		return
	}
	m.requests.WithLabelValues(e.Service, e.Name, strconv.Itoa(e.Status)).Inc()
	m.seconds.WithLabelValues(e.Service, e.Name).Observe(took.Seconds())
	m.bytes.WithLabelValues(e.Service, e.Name).Add(float64(e.Bytes))
}

func (m *metrics) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	return mux
}
