package directory

import (
	"slices"
	"strconv"
	"time"

	"convoke/shared/domain/fault"
	"convoke/shared/domain/taxonomy"
)

const maxBioRunes = 1000

// Faults of contacts.
var (
	ErrContactUnknown = fault.New(fault.NotFound, "not_found")
	ErrIsFocalPoint   = fault.New(fault.Conflict, "contact.hand_over_first")
	ErrNotConfirmed   = fault.New(fault.Conflict, "contact.not_confirmed")
)

// SpeakingLevels say how well a language is spoken, from least to most: enough
// for everyday talk, for work, for a podium, and as one's own.
func SpeakingLevels() []string { return []string{"basic", "working", "fluent", "native"} }

// Genders are what a person may say of themselves, if they like.
func Genders() []string { return []string{"woman", "man", "non_binary", "other"} }

// AddContact lets the focal point name a representative or a speaker. The new
// contact acts once it has proved its address.
func (s *Stakeholder) AddContact(c Contact, newID func() string, now time.Time) (Contact, error) {
	var faults fault.List
	c.validate(&faults, "")
	if c.Role == RoleFocalPoint {
		faults.Add("/role", "contact.one_focal_point")
	}
	for _, o := range s.Contacts {
		if CanonicalAddress(o.Email) == CanonicalAddress(c.Email) {
			faults.Add("/email", "list.repeated")
		}
	}
	if len(s.Contacts) >= maxContacts {
		faults.Add("", "list.too_long", "max", strconv.Itoa(maxContacts))
	}
	if err := faults.Err("contact.invalid"); err != nil {
		return c, err
	}
	c = tidyContacts([]Contact{c}, nil, newID)[0]
	s.Contacts, s.UpdatedAt = append(slices.Clone(s.Contacts), c), now
	s.Record("contact.added", "stakeholder", s.ID, "contact", c.ID)
	return c, nil
}

// ReviseContact replaces what is known of a contact. Its address stays: who gets
// another one is added anew and proves it. Himself says that the contact does it,
// who alone may say that organisers find the speaking profile, and what gender
// to keep; others may take the profile back.
func (s *Stakeholder) ReviseContact(id string, c Contact, himself bool, now time.Time) error {
	i := slices.IndexFunc(s.Contacts, func(o Contact) bool { return o.ID == id })
	if i < 0 {
		return ErrContactUnknown
	}
	was := s.Contacts[i]
	var faults fault.List
	c.validate(&faults, "")
	if CanonicalAddress(c.Email) != CanonicalAddress(was.Email) {
		faults.Add("/email", "contact.address_fixed")
	}
	if (c.Role == RoleFocalPoint) != (was.Role == RoleFocalPoint) {
		faults.Add("/role", "contact.one_focal_point")
	}
	if err := faults.Err("contact.invalid"); err != nil {
		return err
	}
	c = tidyContacts([]Contact{c}, s.Contacts, func() string { return id })[0]
	if c.Speaking != nil && !himself {
		c.Speaking.Findable = c.Speaking.Findable && was.Speaking != nil && was.Speaking.Findable
		c.Speaking.Gender, c.Speaking.Experience = "", nil
		if was.Speaking != nil {
			c.Speaking.Gender, c.Speaking.Experience = was.Speaking.Gender, was.Speaking.Experience
		}
	}
	s.Contacts = slices.Clone(s.Contacts)
	s.Contacts[i], s.UpdatedAt = c, now
	s.Record("contact.revised", "stakeholder", s.ID, "contact", id)
	return nil
}

// RemoveContact takes a contact's rights away. The focal point hands its role
// over first.
func (s *Stakeholder) RemoveContact(id string, now time.Time) error {
	c, ok := s.Contact(id)
	if !ok {
		return ErrContactUnknown
	}
	if c.Role == RoleFocalPoint {
		return ErrIsFocalPoint
	}
	s.Contacts = slices.DeleteFunc(slices.Clone(s.Contacts), func(o Contact) bool { return o.ID == id })
	s.UpdatedAt = now
	s.Record("contact.removed", "stakeholder", s.ID, "contact", id)
	return nil
}

// TransferFocalPoint makes another contact, whose address is proved, the focal
// point; the one before stays a representative.
func (s *Stakeholder) TransferFocalPoint(id string, now time.Time) error {
	c, ok := s.Contact(id)
	switch {
	case !ok:
		return ErrContactUnknown
	case c.Role == RoleFocalPoint:
		return ErrIsFocalPoint
	case c.ConfirmedAt == nil:
		return ErrNotConfirmed
	}
	s.Contacts, s.UpdatedAt = slices.Clone(s.Contacts), now
	for i := range s.Contacts {
		switch o := &s.Contacts[i]; {
		case o.ID == id:
			o.Role = RoleFocalPoint
		case o.Role == RoleFocalPoint:
			o.Role = RoleRepresentative
		}
	}
	s.Record("contact.focal_point", "stakeholder", s.ID, "contact", id)
	return nil
}

// Speakers returns the contacts that organisers may find: who proved the address
// and said so, unless the stakeholder took back that speaking profiles are used.
func (s *Stakeholder) Speakers() []Contact {
	var list []Contact
	if s.Withdrawn(ConsentSpeaking) {
		return list
	}
	for _, c := range s.Contacts {
		if c.ConfirmedAt != nil && c.Speaking != nil && c.Speaking.Findable {
			list = append(list, c)
		}
	}
	return list
}

// NamedTo reports whether organisers may be told the name of a contact: of a speaker
// who wants to be found, and of anybody where the stakeholder agreed to sharing.
func (s *Stakeholder) NamedTo(contact string) bool {
	return s.Consented(ConsentSharing) || slices.ContainsFunc(s.Speakers(), func(c Contact) bool { return c.ID == contact })
}

// validatePerson checks what a speaking profile says of the person.
func (s SpeakingProfile) validatePerson(faults *fault.List, at string) {
	for lang, level := range s.Levels {
		pointer := at + "/levels/" + fault.Token(lang)
		if !slices.Contains(tidyLanguages(s.Languages), canonicalLanguage(lang)) {
			faults.Add(pointer, "speaking.level_language")
		} else if !slices.Contains(SpeakingLevels(), level) {
			faults.Add(pointer, "speaking.level_unknown")
		}
	}
	if s.Gender != "" && !slices.Contains(Genders(), s.Gender) {
		faults.Add(at+"/gender", "speaking.gender_unknown")
	}
	CheckEach(faults, at+"/experience", s.Experience, len(Groups()), known(oneOf(Groups()), "group.unknown"))
	CheckTexts(faults, at+"/bios", s.Bios, maxBioRunes)
}

// tidied keeps languages in their one spelling, so that a search finds them.
func (s SpeakingProfile) tidied() *SpeakingProfile {
	s.Languages, s.Bios = tidyLanguages(s.Languages), TidyTexts(s.Bios)
	levels := make(map[string]string, len(s.Levels))
	for lang, level := range s.Levels {
		if canonical, ok := taxonomy.CanonicalLanguage(lang); ok {
			levels[canonical] = level
		}
	}
	s.Levels = nil
	if len(levels) > 0 {
		s.Levels = levels
	}
	return &s
}
