package mail

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Limits of RFC 5321 section 4.5.3.1, in bytes.
const (
	maxLocalPart = 64
	maxAddr      = 254
	maxName      = 1200 // ours: the 300 characters of a name, in any script
)

// Address is a mailbox with the name to show for it.
type Address struct {
	Name string // may be empty; any script
	Addr string // local@domain; the domain may be internationalised
}

// Checked returns the address as it can be sent to: the domain in ASCII (IDNA
// 2008, punycode). It refuses, with an *Unsendable that names part, what cannot
// be sent safely or at all: control characters, a local part outside ASCII
// (most servers cannot take one, RFC 6531) or in quotes.
func (a Address) Checked(part string) (Address, error) {
	if len(a.Name) > maxName {
		return Address{}, &Unsendable{part + ".name", "too_long"}
	}
	if reason := unsafe(a.Name); reason != "" {
		return Address{}, &Unsendable{part + ".name", reason}
	}
	at := strings.LastIndexByte(a.Addr, '@')
	if at < 0 {
		return Address{}, &Unsendable{part + ".addr", "no_domain"}
	}
	local := a.Addr[:at]
	if reason := localPartFault(local); reason != "" {
		return Address{}, &Unsendable{part + ".addr", reason}
	}
	domain, err := idna.Lookup.ToASCII(a.Addr[at+1:])
	if err != nil || domain == "" || strings.HasSuffix(domain, ".") {
		return Address{}, &Unsendable{part + ".addr", "domain"}
	}
	if len(local)+1+len(domain) > maxAddr {
		return Address{}, &Unsendable{part + ".addr", "too_long"}
	}
	return Address{Name: strings.TrimSpace(a.Name), Addr: local + "@" + domain}, nil
}

// localPartFault allows the dot-atom of RFC 5322 section 3.2.3 and nothing else.
func localPartFault(local string) string {
	if len(local) > maxLocalPart {
		return "local_part_too_long"
	}
	for atom := range strings.SplitSeq(local, ".") {
		if atom == "" {
			return "local_part"
		}
	}
	for _, r := range local {
		switch {
		case r >= utf8.RuneSelf:
			return "local_part_not_ascii"
		case !asciiAlphanumeric(r) && !strings.ContainsRune("!#$%&'*+-/=?^_`{|}~.", r):
			return "local_part"
		}
	}
	return ""
}

// unsafe says what keeps a string out of a header, "" when nothing does: what
// ends a line, what does not show, and what changes the order of what does.
func unsafe(s string) string {
	if !utf8.ValidString(s) {
		return "not_utf8"
	}
	for _, r := range s {
		switch {
		case unicode.IsControl(r), r == 0x2028, r == 0x2029:
			return "control_character"
		case r >= 0x202A && r <= 0x202E:
			return "bidi_override"
		}
	}
	return ""
}
