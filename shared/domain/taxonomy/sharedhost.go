package taxonomy

import "strings"

// SharedHost reports whether many organisations and persons have mail or pages at
// the host, or at what it is a part of, so that an address or a site there says
// nothing of an organisation. Host is in lower case.
func SharedHost(host string) bool {
	for suffix := host; suffix != ""; _, suffix, _ = strings.Cut(suffix, ".") {
		switch suffix {
		case "126.com", "163.com", "aol.com", "blogspot.com", "facebook.com", "fastmail.com", "free.fr", "github.io", "gitlab.io",
			"gmail.com", "gmx.at", "gmx.ch", "gmx.com", "gmx.de", "gmx.net", "google.com", "googlemail.com", "hotmail.co.uk",
			"hotmail.com", "hotmail.es", "hotmail.fr", "icloud.com", "inbox.ru", "instagram.com", "laposte.net", "libero.it",
			"linkedin.com", "linktr.ee", "list.ru", "live.com", "live.fr", "mac.com", "mail.com", "mail.ru", "mailbox.org", "me.com",
			"medium.com", "msn.com", "naver.com", "orange.fr", "outlook.com", "outlook.es", "outlook.fr", "pm.me", "posteo.de",
			"proton.me", "protonmail.ch", "protonmail.com", "qq.com", "rambler.ru", "rediffmail.com", "rocketmail.com", "sfr.fr",
			"sina.com", "sohu.com", "t-online.de", "t.me", "tuta.com", "tuta.io", "tutanota.com", "twitter.com", "wanadoo.fr", "web.de",
			"weebly.com", "wikipedia.org", "wixsite.com", "wordpress.com", "x.com", "yahoo.co.in", "yahoo.co.jp", "yahoo.co.uk",
			"yahoo.com", "yahoo.com.br", "yahoo.de", "yahoo.es", "yahoo.fr", "yahoo.it", "yandex.com", "yandex.ru", "ymail.com",
			"youtube.com", "zoho.com":
			return true
		}
	}
	return false
}
