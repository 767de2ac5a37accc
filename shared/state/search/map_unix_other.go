//go:build unix && !linux

package search

const populate = 0
