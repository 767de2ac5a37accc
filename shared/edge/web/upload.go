package web

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/state/blob"
	"convoke/shared/state/store"
)

// Depot holds uploaded documents: a bucket, or a folder of the local process.
// Clients send and fetch by addresses that it signs.
type Depot interface {
	Receive(ctx context.Context, t blob.Ticket, now time.Time) (blob.Target, error)
	Lend(ctx context.Context, key, name string, lasts time.Duration, now time.Time) (string, error)
	Get(ctx context.Context, key string) (data []byte, etag string, err error)
	Put(ctx context.Context, key string, data []byte) error
}

// documentLent is how long a moderator has to begin a download.
const documentLent = 5 * time.Minute

func (s *Server) uploadRoutes() []route {
	return []route{
		{"POST", "/v1/registrations/{id}/uploads", access{auth.Contact}, command, s.postUpload},
		{"POST", "/v1/registrations/{id}/uploads/{upload}/completion", access{auth.Contact}, command, s.postCompletion},
		{"GET", "/v1/registrations/{id}/uploads/{upload}", staffOnly, document, s.getUpload},
		{"GET", certificatePath, access{auth.Contact}, webPage, s.certificatePage},
		{"POST", certificatePath, access{auth.Contact}, webPage, s.certificateForm},
	}
}

// targetView says where and how a document is sent.
type targetView struct {
	ID        string            `json:"id"`
	Method    string            `json:"method"`
	URL       string            `json:"url"`
	Header    map[string]string `json:"header"` // to be sent as it is: it is signed
	ExpiresAt time.Time         `json:"expires_at"`
}

func (s *Server) postUpload(w http.ResponseWriter, r *http.Request) error {
	if err := s.limited(w, "upload", r); err != nil {
		return err
	}
	e, err := s.registration(r)
	if err != nil {
		return err
	}
	var offer directory.Offer
	if err := decode(r, &offer); err != nil {
		return err
	}
	u, err := directory.NewUpload(s.Store.NewID(), e, offer, s.now())
	if err != nil {
		return err
	}
	view, err := s.target(r.Context(), u)
	if err != nil {
		return err
	}
	answer := &reply{status: http.StatusCreated, body: view}
	if err := answer.keep(r.Context()); err != nil {
		return err
	}
	if err := s.Store.CreateUpload(r.Context(), u); err != nil {
		return err
	}
	return answer.write(w)
}

func (s *Server) target(ctx context.Context, u *directory.Upload) (targetView, error) {
	t := blob.Ticket{Key: u.Key(), Size: u.Size, Type: u.MediaType, Lasts: directory.UploadLasts}
	sum, err := hex.DecodeString(u.SHA256)
	if err != nil {
		return targetView{}, err
	}
	copy(t.SHA256[:], sum)
	to, err := s.Depot.Receive(ctx, t, s.now())
	if err != nil {
		return targetView{}, err
	}
	view := targetView{ID: u.ID, Method: to.Method, URL: to.URL, Header: map[string]string{}, ExpiresAt: s.now().Add(t.Lasts)}
	for name := range to.Header {
		view.Header[name] = to.Header.Get(name)
	}
	return view, nil
}

// postCompletion looks at what was sent, and lets the certificate rest on it if
// it is what it was said to be. After a failure between its two writes the client
// repeats it.
func (s *Server) postCompletion(w http.ResponseWriter, r *http.Request) error {
	e, err := s.registration(r)
	if err != nil {
		return err
	}
	u, err := s.complete(r, e.ID)
	if err != nil {
		return err
	}
	answer := &reply{status: http.StatusOK}
	attached, err := s.Store.UpdateStakeholder(r.Context(), e.ID, func(e *directory.Stakeholder) error {
		if !actsFor(identityOf(r), e) {
			return errNoRoute
		}
		if err := e.Attach(u, s.now()); err != nil {
			return err
		}
		answer.header, answer.body = []string{"ETag", etag(e.Version + 1)}, viewRegistration(e)
		return answer.keep(r.Context())
	})
	if err != nil {
		return err
	}
	answer.header = []string{"ETag", etag(attached.Version)} // the same as before when it was attached already
	return answer.write(w)
}

// complete marks the upload kept. The write is not the one that the answer is
// kept with.
func (s *Server) complete(r *http.Request, stakeholder string) (*directory.Upload, error) {
	u, err := s.Store.Upload(r.Context(), stakeholder, r.PathValue("upload"))
	if err != nil || u.Kept {
		return u, err
	}
	data, _, err := s.Depot.Get(r.Context(), u.Key())
	if errors.Is(err, blob.ErrAbsent) {
		return nil, directory.ErrUploadMissing
	}
	if err != nil {
		return nil, err
	}
	return s.Store.UpdateUpload(store.WithOnce(r.Context(), nil), stakeholder, u.ID, func(u *directory.Upload) error { return u.Complete(data) })
}

// lentView is where a document can be fetched.
type lentView struct {
	directory.Document
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expires_at"`
}

// getUpload lends a document to a moderator, to be saved and not to be shown.
func (s *Server) getUpload(w http.ResponseWriter, r *http.Request) error {
	lent, err := s.lend(r)
	if err != nil {
		return err
	}
	return ok(w, lent)
}

// lend signs an address under which the document of the path can be fetched.
func (s *Server) lend(r *http.Request) (lentView, error) {
	u, err := s.Store.Upload(r.Context(), r.PathValue("id"), r.PathValue("upload"))
	if err != nil {
		return lentView{}, err
	}
	if !u.Kept {
		return lentView{}, directory.ErrDocumentMissing
	}
	address, err := s.Depot.Lend(r.Context(), u.Key(), "document-"+u.ID+extension(u.MediaType), documentLent, s.now())
	if err != nil {
		return lentView{}, err
	}
	return lentView{directory.Document{Upload: u.ID, MediaType: u.MediaType, Size: u.Size, SHA256: u.SHA256}, address, s.now().Add(documentLent)}, nil
}

func extension(mediaType string) string {
	switch mediaType {
	case "application/pdf":
		return ".pdf"
	case "image/png":
		return ".png"
	}
	return ".jpg"
}
