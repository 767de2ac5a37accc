package taxonomy

import "testing"

func TestSharedHost(t *testing.T) {
	for host, want := range map[string]bool{
		"gmail.com": true, "sites.google.com": true, "association.wordpress.com": true, "yahoo.co.uk": true,
		"example.org": false, "notgmail.com": false, "com": false, "": false,
	} {
		if got := SharedHost(host); got != want {
			t.Errorf("%s: %v", host, got)
		}
	}
}
