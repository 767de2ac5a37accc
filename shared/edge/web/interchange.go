package web

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"strings"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/interchange"
	"convoke/shared/state/search"
	"convoke/shared/state/search/listing"
)

// The forms in which a profile is given, the usual one first.
const (
	formJSON   = "application/json"
	formJSONLD = "application/ld+json"
	formVCard  = "text/vcard"
)

// interchangeRoutes are what other directories read.
func (s *Server) interchangeRoutes() []route {
	return []route{
		{"GET", "/hsds/organizations", anyone, document, s.listOrganizations},
		{"GET", "/hsds/organizations/{id}", anyone, document, s.getOrganization},
	}
}

// negotiated returns the one of the forms that the request prefers (RFC 9110
// section 12.5.1); the first when it prefers none, or wants another: a reader that
// asks for anything else is better served by a document than by a refusal.
func negotiated(r *http.Request, forms ...string) string {
	chosen, best := forms[0], 0.0
	for _, form := range forms {
		if q := preference(r.Header.Get("Accept"), form); q > best {
			chosen, best = form, q
		}
	}
	return chosen
}

// preference is the weight that an Accept header gives to a form. Only a range
// that names it counts: "*/*" prefers nothing.
func preference(accept, form string) float64 {
	for part := range strings.SplitSeq(accept, ",") {
		fields := strings.Split(part, ";")
		if !strings.EqualFold(strings.TrimSpace(fields[0]), form) {
			continue
		}
		for _, f := range fields[1:] {
			if value, ok := strings.CutPrefix(strings.TrimSpace(f), "q="); ok {
				q, err := strconv.ParseFloat(value, 64)
				if err != nil || math.IsNaN(q) {
					return 0
				}
				return q
			}
		}
		return 1
	}
	return 0
}

// writeEntry answers with the profile in the form that was negotiated.
func (s *Server) writeEntry(w http.ResponseWriter, form, lang string, e *directory.Stakeholder, reader directory.Reader) error {
	entry := interchange.Of(e, reader, s.BaseURL)
	w.Header().Set("Content-Type", form+"; charset=utf-8")
	var body []byte
	var err error
	if form == formVCard {
		w.Header().Set("Content-Disposition", `attachment; filename="stakeholder.vcf"`)
		body, err = interchange.VCard(entry, lang)
	} else {
		body, err = json.Marshal(interchange.JSONLD(entry, lang))
	}
	if err != nil {
		return err
	}
	_, _ = w.Write(body) //nolint:gosec // a card or JSON, sent as such and with nosniff; the client may be gone
	return nil
}

// organizationPage is a page of organisations as the API of HSDS 3 has it.
type organizationPage struct {
	TotalItems int                        `json:"total_items"`
	TotalPages int                        `json:"total_pages"`
	PageNumber int                        `json:"page_number"`
	Size       int                        `json:"size"`
	FirstPage  bool                       `json:"first_page"`
	LastPage   bool                       `json:"last_page"`
	Empty      bool                       `json:"empty"`
	Contents   []interchange.Organization `json:"contents"`
}

// deepest is how many organisations pages reach: beyond it `convoke export` is
// the way, as a page is found by counting from the first.
const deepest = 10_000

func (s *Server) listOrganizations(w http.ResponseWriter, r *http.Request) error {
	number, size, err := pageAsked(r)
	if err != nil {
		return err
	}
	found, err := s.organizationsAt(r, number, size)
	if err != nil {
		return err
	}
	page := organizationPage{PageNumber: number, FirstPage: number == 1, LastPage: found.Cursor == "", Contents: []interchange.Organization{}}
	ids := make([]string, len(found.Hits))
	for i, hit := range found.Hits {
		ids[i] = hit.ID
	}
	list, err := s.Store.Stakeholders(r.Context(), ids)
	if err != nil {
		return err
	}
	for _, e := range list {
		if e.Public() { // the index may be behind the table
			page.Contents = append(page.Contents, interchange.HSDS(interchange.Of(e, directory.ReaderPublic, s.BaseURL)))
		}
	}
	page.Size, page.Empty = len(page.Contents), len(page.Contents) == 0
	page.TotalItems = found.Total - (len(ids) - page.Size) // nor is who is gone counted
	page.TotalPages = (page.TotalItems + size - 1) / size
	return ok(w, page)
}

// organizationsAt finds the page of a number, by name. What comes before it is
// passed over in strides.
func (s *Server) organizationsAt(r *http.Request, number, size int) (search.Result, error) {
	cursor := ""
	for skip := (number - 1) * size; skip > 0; {
		stride := min(skip, search.MaxLimit)
		found, err := s.Index.Search(r.Context(), listing.For(listing.Public, search.Query{Limit: stride, Cursor: cursor}))
		if err != nil || found.Cursor == "" {
			return search.Result{Total: found.Total}, searchFault(err)
		}
		cursor, skip = found.Cursor, skip-stride
	}
	found, err := s.Index.Search(r.Context(), listing.For(listing.Public, search.Query{Limit: size, Cursor: cursor}))
	return found, searchFault(err)
}

// pageAsked reads the parameters that HSDS calls page and per_page.
func pageAsked(r *http.Request) (number, size int, err error) {
	q, err := query(r, "page", "per_page")
	if err != nil {
		return 0, 0, err
	}
	number, size = 1, 50
	if given := q.Get("per_page"); given != "" {
		if size, err = strconv.Atoi(given); err != nil || size < 1 || size > 100 {
			return 0, 0, badQuery("per_page", "query.limit")
		}
	}
	if given := q.Get("page"); given != "" {
		if number, err = strconv.Atoi(given); err != nil || number < 1 || number > deepest/size {
			return 0, 0, badQuery("page", "query.page", "max", strconv.Itoa(deepest/size))
		}
	}
	return number, size, nil
}

func (s *Server) getOrganization(w http.ResponseWriter, r *http.Request) error {
	id, known := interchange.StakeholderID(r.PathValue("id"))
	if !known {
		return errNoRoute
	}
	e, err := s.Store.Resolve(r.Context(), id)
	if err != nil {
		return err
	}
	if !e.Public() {
		return errNoRoute
	}
	if unchanged(w, r, etag(e.Version)) {
		return nil
	}
	return ok(w, interchange.HSDS(interchange.Of(e, directory.ReaderPublic, s.BaseURL)))
}

// formTag tells the forms apart in an entity tag.
func formTag(form string) string {
	_, kind, _ := strings.Cut(form, "/")
	return strings.ReplaceAll(kind, "+", "-")
}
