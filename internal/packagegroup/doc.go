// Package packagegroup knows the patterns of package groups: how one is
// spelled, which packages it matches and how strongly, and which of several is
// the most specific. It knows no domain and no rule about origins, and does no
// I/O.
package packagegroup
