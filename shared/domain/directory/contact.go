package directory

import (
	"net/mail"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"convoke/shared/domain/fault"
	"convoke/shared/domain/taxonomy"
)

const (
	maxContacts     = 20
	maxLocalBytes   = 64  // RFC 5321 section 4.5.3.1.1
	maxAddressBytes = 254 // RFC 5321 section 4.5.3.1.3, less the angle brackets
)

// Contact is a person who acts for a stakeholder. It is never public.
type Contact struct {
	ID          string           `json:"id,omitempty"`
	Name        string           `json:"name"`
	Role        string           `json:"role"`     // focal_point, representative, speaker
	Email       string           `json:"email"`    // as written, in NFC
	Language    string           `json:"language"` // in which this person is written to, BCP 47
	Speaking    *SpeakingProfile `json:"speaking,omitempty"`
	ConfirmedAt *time.Time       `json:"confirmed_at,omitempty"` // when the address was proved
}

// SpeakingProfile says what a person can be asked to speak on, and what that
// person needs to come.
type SpeakingProfile struct {
	Topics    []string `json:"topics,omitempty"`
	Languages []string `json:"languages,omitempty"`
	Formats   []string `json:"formats,omitempty"` // panel, keynote, workshop, online
	Travel    string   `json:"travel,omitempty"`  // none, national, regional, worldwide
	Needs     []string `json:"needs,omitempty"`   // interpretation, childcare, travel, safety

	Levels     map[string]string `json:"levels,omitempty"`     // of languages, see SpeakingLevels
	Bios       []Text            `json:"bios,omitempty"`       // a few sentences, one a language
	Gender     string            `json:"gender,omitempty"`     // as the person says; for the targets of panels, and shown to nobody else
	Experience []string          `json:"experience,omitempty"` // groups whose life the person has lived, as the person says; see Groups, and as Gender
	Findable   bool              `json:"findable,omitempty"`   // organisers may find the profile; only the person can say so
}

// Roles of a contact.
const (
	RoleFocalPoint     = "focal_point"
	RoleRepresentative = "representative"
	RoleSpeaker        = "speaker"
)

// CanonicalAddress returns the form in which two mail addresses are compared:
// NFC, trimmed, in lower case. Local parts may differ by case in theory (RFC
// 5321 section 2.4) and do not in practice.
func CanonicalAddress(address string) string {
	return strings.ToLower(norm.NFC.String(strings.TrimSpace(address)))
}

// AddressFault returns the code of what is wrong with a mail address, or "".
// Display names, comments, quoted local parts and addresses without a public
// domain are refused: none of them belongs in a form. So are local parts outside
// ASCII, which most servers cannot take (RFC 6531): no mail would reach them.
func AddressFault(address string) string {
	if LineFault(address, maxAddressBytes) != "" || len(address) > maxAddressBytes {
		return "email.malformed"
	}
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || strings.ContainsAny(address, "\"<>()[]\\,;: ") {
		return "email.malformed"
	}
	local, domain, _ := strings.Cut(address, "@")
	if len(local) > maxLocalBytes || !publicHost(strings.ToLower(norm.NFC.String(domain))) {
		return "email.malformed"
	}
	if strings.ContainsFunc(local, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return "email.not_encodable"
	}
	return ""
}

func validateContacts(faults *fault.List, contacts []Contact) {
	if len(contacts) == 0 {
		faults.Add("/contacts", "contact.missing")
	}
	if len(contacts) > maxContacts {
		faults.Add("/contacts", "list.too_long", "max", strconv.Itoa(maxContacts))
		return
	}
	focal, seen := 0, map[string]bool{}
	for i, c := range contacts {
		at := "/contacts/" + strconv.Itoa(i)
		c.validate(faults, at)
		if c.Role == RoleFocalPoint {
			focal++
		}
		address := CanonicalAddress(c.Email)
		if seen[address] {
			faults.Add(at+"/email", "list.repeated")
		}
		seen[address] = true
	}
	if len(contacts) > 0 && focal != 1 {
		faults.Add("/contacts", "contact.one_focal_point")
	}
}

func (c Contact) validate(faults *fault.List, at string) {
	CheckLine(faults, at+"/name", c.Name, MaxNameRunes)
	if !oneOf([]string{RoleFocalPoint, RoleRepresentative, RoleSpeaker})(c.Role) {
		faults.Add(at+"/role", "contact.role_unknown")
	}
	if code := AddressFault(c.Email); code != "" {
		faults.Add(at+"/email", code)
	}
	if !taxonomy.ValidLanguage(c.Language) {
		faults.Add(at+"/language", "language.unknown")
	}
	if s := c.Speaking; s != nil {
		s.validate(faults, at+"/speaking")
	}
}

func (s SpeakingProfile) validate(faults *fault.List, at string) {
	CheckEach(faults, at+"/topics", s.Topics, maxCodes, known(taxonomy.ValidTopic, "topic.unknown"))
	CheckEach(faults, at+"/languages", s.Languages, maxCodes, known(taxonomy.ValidLanguage, "language.unknown"))
	CheckEach(faults, at+"/formats", s.Formats, maxCodes, known(oneOf([]string{"panel", "keynote", "workshop", "online"}), "speaking.format_unknown"))
	CheckEach(faults, at+"/needs", s.Needs, maxCodes, known(oneOf([]string{"interpretation", "childcare", "travel", "safety"}), "speaking.need_unknown"))
	if s.Travel != "" && !oneOf([]string{"none", "national", "regional", "worldwide"})(s.Travel) {
		faults.Add(at+"/travel", "speaking.travel_unknown")
	}
	s.validatePerson(faults, at)
}
