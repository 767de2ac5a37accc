package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"convoke/shared/domain/fault"
	"convoke/shared/state/table"
)

// ErrLinkSpent says that a mailed sign-in link was used before, is too old, or
// never was.
var ErrLinkSpent = fault.New(fault.Gone, "link.spent")

// Session is a contact that is signed in, or one of the staff. Only the hash of
// its token is kept.
type Session struct {
	Stakeholder string    `json:"stakeholder,omitempty"`
	Contact     string    `json:"contact,omitempty"`
	Staff       *Staff    `json:"staff,omitempty"` // nil for a contact
	Expires     time.Time `json:"expires"`
}

// Staff is who the issuer said signed in, with the roles of that moment.
type Staff struct {
	Subject string   `json:"subject"`
	Roles   []string `json:"roles"`
	Unit    string   `json:"unit,omitempty"`
}

// How long a mailed link and a session last.
const (
	SignInLinkLasts = 15 * time.Minute
	SessionLasts    = 30 * 24 * time.Hour
	// StaffSessionLasts is short, because a role that is taken away stays in a
	// session until its end; the issuer, that keeps the person signed in, is asked again.
	StaffSessionLasts = 2 * time.Hour
)

// KeepSignInLink keeps the hash of a mailed link until it is spent or too old.
func (s *Store) KeepSignInLink(ctx context.Context, tokenHash string, ref ContactRef) error {
	return s.putToken(ctx, secretKey(tokenHash), typeSecret, Session{Stakeholder: ref.Stakeholder, Contact: ref.Contact, Expires: s.Now().Add(SignInLinkLasts).UTC()})
}

// KeepStaffSession opens the session of who signed in at the issuer.
func (s *Store) KeepStaffSession(ctx context.Context, tokenHash string, who Staff) (*Session, error) {
	session := Session{Staff: &who, Expires: s.Now().Add(StaffSessionLasts).UTC()}
	return &session, s.putToken(ctx, sessionKey(tokenHash), typeSession, session)
}

func (s *Store) putToken(ctx context.Context, k table.Key, kind string, v Session) error {
	it := tokenItem(k, kind, v)
	return translate(s.Table.Transact(ctx, []table.Op{{Verb: table.Put, Item: it, If: table.IfAbsent()}}))
}

// tokenItem is also found by the contact, for who asks what is held about it, and
// for its erasure.
func tokenItem(k table.Key, kind string, v Session) table.Item {
	it := table.Item{Key: k, Type: kind, Version: 1, Expires: v.Expires.Unix(), Attributes: encode(v)}
	if v.Contact != "" {
		it.G1 = table.Key{PK: accessPartition(v.Contact), SK: instant(v.Expires) + "#" + k.PK}
	}
	return it
}

// SpendSignInLink turns a mailed link into a session, once: of any number of
// attempts at the same time, one succeeds.
func (s *Store) SpendSignInLink(ctx context.Context, linkHash, sessionHash string) (*Session, error) {
	link, err := s.token(ctx, secretKey(linkHash))
	if err != nil {
		return nil, err
	}
	session := Session{Stakeholder: link.Stakeholder, Contact: link.Contact, Expires: s.Now().Add(SessionLasts).UTC()}
	err = s.Table.Transact(ctx, []table.Op{
		{Verb: table.Delete, Item: table.Item{Key: secretKey(linkHash)}, If: table.IfExists()},
		{Verb: table.Put, If: table.IfAbsent(), Item: tokenItem(sessionKey(sessionHash), typeSession, session)},
	})
	if raced(err) {
		return nil, ErrLinkSpent
	}
	return &session, translate(err)
}

// SignInLink returns what a mailed link leads to, without spending it.
func (s *Store) SignInLink(ctx context.Context, linkHash string) (*Session, error) {
	return s.token(ctx, secretKey(linkHash))
}

// Session returns the session of a token, or ErrLinkSpent.
func (s *Store) Session(ctx context.Context, tokenHash string) (*Session, error) {
	return s.token(ctx, sessionKey(tokenHash))
}

// EndSession signs a contact out.
func (s *Store) EndSession(ctx context.Context, tokenHash string) error {
	return translate(s.Table.Transact(ctx, []table.Op{{Verb: table.Delete, Item: table.Item{Key: sessionKey(tokenHash)}}}))
}

func (s *Store) token(ctx context.Context, k table.Key) (*Session, error) {
	it, err := s.Table.Get(ctx, k)
	if errors.Is(err, table.ErrAbsent) {
		return nil, ErrLinkSpent
	}
	if err != nil {
		return nil, translate(err)
	}
	v := new(Session)
	if err := json.Unmarshal(it.Attributes, v); err != nil {
		return nil, err
	}
	if !v.Expires.After(s.Now()) { // the table removes expired items late
		return nil, ErrLinkSpent
	}
	return v, nil
}
