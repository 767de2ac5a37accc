package search

import "golang.org/x/sys/unix"

// populate has the pages of a mapping read at once: all of them are verified.
const populate = unix.MAP_POPULATE
