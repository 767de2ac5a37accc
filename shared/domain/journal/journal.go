// Package journal lets an aggregate say what happened to it. The store takes
// the entries when it writes the aggregate: each becomes one outbox item, and
// together they name the action in the audit trail.
package journal

// Entry is one thing that happened. Data holds opaque ids, codes and dates
// only: an entry is published, so it never carries a name or an address.
type Entry struct {
	Type string            `json:"type"` // "registration.submitted"
	Data map[string]string `json:"data,omitempty"`
}

// Log gathers entries. Embed it in an aggregate; it is not stored.
type Log struct {
	entries []Entry
	reason  string
	conceal bool
}

// Record notes that something happened. Data are pairs of name and value.
func (l *Log) Record(kind string, data ...string) {
	e := Entry{Type: kind, Data: make(map[string]string, len(data)/2)}
	for i := 0; i+1 < len(data); i += 2 {
		e.Data[data[i]] = data[i+1]
	}
	l.entries = append(l.entries, e)
}

// Take returns what was recorded since the last Take, oldest first.
func (l *Log) Take() []Entry {
	taken := l.entries
	l.entries = nil
	return taken
}

// Explain notes why what is recorded was done, in words or codes. Unlike an
// entry it is not published: it stays in the audit trail, from where it can be
// erased.
func (l *Log) Explain(reason string) { l.reason = reason }

// Reason returns what Explain noted since the last Reason.
func (l *Log) Reason() string {
	taken := l.reason
	l.reason = ""
	return taken
}

// Conceal says that what changed is not to be kept in the audit trail, as when it
// is erased. That it changed is.
func (l *Log) Conceal() { l.conceal = true }

// Concealed reports whether Conceal was called since the last Concealed.
func (l *Log) Concealed() bool {
	taken := l.conceal
	l.conceal = false
	return taken
}
