package web

import (
	"net/netip"
	"strconv"
	"time"
)

// network is what stands for one caller when floods are counted: the address, or
// for IPv6 the /64, which is what one subscriber is given.
func network(remote string) string {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return "unknown"
	}
	addr := at.Addr().Unmap()
	if addr.Is4() {
		return addr.String()
	}
	prefix, err := addr.WithZone("").Prefix(64)
	if err != nil {
		return "unknown"
	}
	return prefix.String()
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d/time.Second) + 1) }
