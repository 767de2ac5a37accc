package store

import (
	"encoding/json"
	"strings"
	"time"

	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

// outboxKept is how long a delivered outbox item stays for inspection.
const outboxKept = 7 * 24 * time.Hour

// Outbox is one recorded event on its way to the mail queue and the bus.
type Outbox struct {
	ID string
	journal.Entry
	At    time.Time
	Actor string
}

// Job is what the mail queue carries: which event asks for a mail. It names
// nobody; the mailer reads what it needs when it composes.
type Job struct {
	ID   string            `json:"id"` // of the outbox item, and of the mail
	Kind string            `json:"kind"`
	Data map[string]string `json:"data"`
}

// Job returns the event as a message of the mail queue.
func (o Outbox) Job() Job { return Job{ID: o.ID, Kind: o.Type, Data: o.Data} }

// CloudEvent returns the event as the bus and its subscribers get it: CloudEvents
// 1.0 in JSON, with the opaque ids alone as data. Source is the address of the
// deployment.
func (o Outbox) CloudEvent(source string) ([]byte, error) {
	return json.Marshal(map[string]any{
		"specversion": "1.0", "id": o.ID, "type": o.CloudEventType(), "source": source, "time": o.At.Format(time.RFC3339),
		"subject": o.subject(), "datacontenttype": "application/json", "data": o.Data,
	})
}

// subject names the thing that the event is about, as a path, so that a
// subscriber can follow one.
func (o Outbox) subject() string {
	switch noun, _, _ := strings.Cut(o.Type, "."); noun {
	case "invitation":
		return "events/" + o.Data["event"] + "/invitations/" + o.Data["contact"]
	case "series":
		return "series/" + o.Data["series"]
	case "unit":
		return "units/" + o.Data["unit"]
	case "event":
		return "events/" + o.Data["event"]
	case "panel":
		return "events/" + o.Data["event"] + "/panel"
	default:
		return "stakeholders/" + o.Data["stakeholder"]
	}
}

// CloudEventType is the versioned name of the event.
func (o Outbox) CloudEventType() string { return "convoke." + o.Type + ".v1" }

// outboxRecord is how an outbox item is kept. The table has an attribute called
// type, so the event's own type is kept as event.
type outboxRecord struct {
	ID    string            `json:"id"`
	Event string            `json:"event"`
	Data  map[string]string `json:"data"`
	At    time.Time         `json:"at"`
	Actor string            `json:"actor"`
}

func (o Outbox) item() table.Item {
	return table.Item{
		Key: outboxKey(o.ID), Type: typeOutbox, Version: 1, Expires: o.At.Add(outboxKept).Unix(),
		Attributes: encode(outboxRecord{o.ID, o.Type, o.Data, o.At, o.Actor}),
	}
}

// DecodeOutbox returns the event of an outbox item that a change inserted, false
// when the change is another.
func DecodeOutbox(ch table.Change) (Outbox, bool, error) {
	if ch.Old != nil || ch.New == nil || ch.New.Type != typeOutbox {
		return Outbox{}, false, nil
	}
	var r outboxRecord
	if err := json.Unmarshal(ch.New.Attributes, &r); err != nil {
		return Outbox{}, false, err
	}
	return Outbox{ID: r.ID, Entry: journal.Entry{Type: r.Event, Data: r.Data}, At: r.At, Actor: r.Actor}, true, nil
}
