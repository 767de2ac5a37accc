package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/fault"
	"convoke/shared/domain/journal"
	"convoke/shared/platform/i18n"
	"convoke/shared/state/store"
)

// errNoUnitAddress says that the unit has no address to which a test could go.
var errNoUnitAddress = fault.New(fault.Conflict, "test_mail.no_address")

func (s *Server) announcementRoutes() []route {
	return []route{
		{"GET", "/v1/events/{id}/announcements", conveners, document, s.listAnnouncements},
		{"POST", "/v1/events/{id}/announcements", conveners, command, s.postAnnouncement},
		{"POST", "/v1/events/{id}/test-mails", conveners, command, s.postTestMail},
	}
}

// announcementList is what was announced, and how many an announcement would
// reach now.
type announcementList struct {
	Recipients map[string]int `json:"recipients"`
	listOf[*convening.Announcement]
}

func (s *Server) listAnnouncements(w http.ResponseWriter, r *http.Request) error {
	_, limit, cursor, err := paged(r)
	if err != nil {
		return err
	}
	e, err := s.convened(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	reached, err := s.reached(r, e.ID)
	if err != nil {
		return err
	}
	list, next, err := s.Store.Announcements(r.Context(), e.ID, cursor, limit)
	if err != nil {
		return err
	}
	return ok(w, announcementList{reached, listOf[*convening.Announcement]{append([]*convening.Announcement{}, list...), next}})
}

// reached counts whom an announcement to each audience would go to now.
func (s *Server) reached(r *http.Request, event string) (map[string]int, error) {
	counts := map[string]int{}
	for _, to := range convening.Audiences() {
		counts[to] = 0
	}
	for cursor, more := "", true; more; more = cursor != "" {
		list, next, err := s.Store.Invitations(r.Context(), event, cursor, 1000)
		if err != nil {
			return nil, err
		}
		for _, i := range list {
			for to := range counts {
				if i.Reaches(to) {
					counts[to]++
				}
			}
		}
		cursor = next
	}
	return counts, nil
}

// announcementRequest is what is said, with the number of recipients that the
// organiser confirms.
type announcementRequest struct {
	convening.AnnouncementPlan
	Recipients int `json:"recipients"`
}

// postAnnouncement tells something to everybody who is invited, or to a part of
// them.
func (s *Server) postAnnouncement(w http.ResponseWriter, r *http.Request) error {
	var request announcementRequest
	if err := decode(r, &request); err != nil {
		return err
	}
	e, err := s.convened(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	a, err := convening.NewAnnouncement(s.Store.NewID(), e.ID, request.AnnouncementPlan, request.Recipients, s.now())
	if err != nil {
		return err
	}
	if err := s.confirmReached(r, a); err != nil {
		return err
	}
	answer := &reply{status: http.StatusAccepted, body: a}
	if err := answer.keep(r.Context()); err != nil {
		return err
	}
	if err := s.announce(r.Context(), a); err != nil {
		return err
	}
	return answer.write(w)
}

// announce lets an announcement go out, if the event has not been announced too
// much of late.
func (s *Server) announce(ctx context.Context, a *convening.Announcement) error {
	apart := store.WithOnce(ctx, nil) // the key is spent by what follows
	if _, err := s.Store.UpdateEvent(apart, a.EventID, func(e *convening.Event) error { return e.Announce(s.now()) }); err != nil {
		return err
	}
	return s.Store.CreateAnnouncement(ctx, a)
}

// confirmReached refuses an announcement to nobody, and to another number than
// the organiser confirmed.
func (s *Server) confirmReached(r *http.Request, a *convening.Announcement) error {
	counts, err := s.reached(r, a.EventID)
	if err != nil {
		return err
	}
	var faults fault.List
	if n := counts[a.To]; n == 0 {
		faults.Add("/to", "announcement.nobody")
		return faults.Err(convening.ErrAnnouncementInvalid.Code)
	} else if n != a.Recipients {
		faults.Add("/recipients", "event.audience_count", "count", strconv.Itoa(n))
		return faults.As(fault.Conflict, "announcement.count_changed")
	}
	return nil
}

// testMailRequest says what the organiser wants to see.
type testMailRequest struct {
	Letter    string   `json:"letter"`              // invitation, reminder
	Languages []string `json:"languages,omitempty"` // else that of the unit
}

// testMailView says where it goes.
type testMailView struct {
	Unit      string   `json:"unit"`
	Languages []string `json:"languages"`
}

// postTestMail sends a letter of the event to the unit itself, as whoever is
// invited would get it.
func (s *Server) postTestMail(w http.ResponseWriter, r *http.Request) error {
	var request testMailRequest
	if err := decode(r, &request); err != nil {
		return err
	}
	e, err := s.convened(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	u, err := s.addressedUnit(r.Context(), e.Unit)
	if err != nil {
		return err
	}
	if request.Languages == nil {
		request.Languages = []string{string(i18n.Match(u.Language))}
	}
	if err := request.check(); err != nil {
		return err
	}
	if err := s.limitedTo(w, u.ReplyTo); err != nil {
		return err
	}
	answer := &reply{status: http.StatusAccepted, body: testMailView{u.ID, request.Languages}}
	if err := answer.keep(r.Context()); err != nil {
		return err
	}
	if err := s.sendTest(r.Context(), e.ID, request); err != nil {
		return err
	}
	return answer.write(w)
}

// addressedUnit returns a unit that a test can be sent to.
func (s *Server) addressedUnit(ctx context.Context, id string) (*convening.Unit, error) {
	u, err := s.Store.Unit(ctx, id)
	if fault.KindOf(err) == fault.NotFound || err == nil && u.ReplyTo == "" {
		return nil, errNoUnitAddress
	}
	return u, err
}

// sendTest asks for the letter once in each language.
func (s *Server) sendTest(ctx context.Context, event string, request testMailRequest) error {
	for _, lang := range request.Languages {
		err := s.Store.Announce(ctx, journal.Entry{Type: "event.test_mail", Data: map[string]string{"event": event, "letter": request.Letter, "language": lang}})
		if err != nil {
			return err
		}
		ctx = store.WithOnce(ctx, nil) // the key is spent
	}
	return nil
}

func (t testMailRequest) check() error {
	var faults fault.List
	if t.Letter != "invitation" && t.Letter != "reminder" {
		faults.Add("/letter", "test_mail.letter_unknown")
	}
	if len(t.Languages) == 0 {
		faults.Add("/languages", "list.empty")
	}
	for i, lang := range t.Languages {
		switch at := "/languages/" + strconv.Itoa(i); {
		case !slices.Contains(i18n.All(), i18n.Lang(lang)):
			faults.Add(at, "language.unknown")
		case slices.Contains(t.Languages[:i], lang):
			faults.Add(at, "list.repeated")
		}
	}
	return faults.Err("test_mail.invalid")
}
