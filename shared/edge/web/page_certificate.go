package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/platform/i18n"
)

// certificatePath is the page from which a contact sends a certificate, by a form
// and without a script.
const certificatePath = "/me/certificate"

// maxForm is the largest form with a document, in bytes: a function takes six
// megabytes at once, in base64 (Lambda's quota of a synchronous invocation). What is
// larger is sent to a signed address (see postUpload).
const (
	maxForm        = maxCertificate + 64<<10
	maxCertificate = 4 << 20
)

// errTooLargeForForm refuses a document that the form cannot carry.
var errTooLargeForForm = fault.New(fault.Invalid, "upload.form_size")

// certificateView is the certificates that documents can be sent for.
type certificateView struct {
	pieces  []directory.Evidence
	refused string // what is wrong with what was sent, in words; empty when nothing is
}

func (s *Server) certificatePage(w http.ResponseWriter, r *http.Request) error {
	e, err := s.own(r)
	if err != nil {
		return err
	}
	p := pageOf(r)
	return s.show(w, r, p, http.StatusOK, certificate(p, certificateView{pieces: awaitedCertificates(e)}))
}

// awaitedCertificates are those that a document can still be sent for.
func awaitedCertificates(e *directory.Stakeholder) []directory.Evidence {
	if e.Status != directory.AwaitingReview && e.Status != directory.Returned {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(e.Evidence), func(v directory.Evidence) bool {
		return v.Kind != directory.EvidenceCertificate || v.State == "" || v.State == directory.EvidenceChecked
	})
}

func (s *Server) certificateForm(w http.ResponseWriter, r *http.Request) error {
	if err := s.limited(w, "upload", r); err != nil {
		return err
	}
	e, err := s.own(r)
	if err != nil {
		return err
	}
	piece, data, err := readCertificate(r)
	if err == nil {
		err = s.takeCertificate(r, e, piece, data)
	}
	p := pageOf(r)
	if err == nil {
		return p.see(w, "/me", url.Values{"saved": {"1"}})
	}
	refused, ok := errors.AsType[*fault.Error](err)
	if !ok || refused.Kind != fault.Invalid && refused.Kind != fault.Conflict {
		return err
	}
	view := certificateView{pieces: awaitedCertificates(e), refused: i18n.T(p.lang, refused.Code, nil)}
	return s.show(w, r, p, http.StatusUnprocessableEntity, certificate(p, view))
}

// readCertificate takes the two fields of the form. The name of the file and its
// declared type are not looked at.
func readCertificate(r *http.Request) (piece string, data []byte, err error) {
	form, err := r.MultipartReader()
	if err != nil {
		return "", nil, directory.ErrUploadContent
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return piece, data, nil
		}
		if err != nil {
			return "", nil, unreadable(err)
		}
		value, err := readPart(part)
		if err != nil {
			return "", nil, err
		}
		switch part.FormName() {
		case "evidence":
			piece = string(value[:min(len(value), 64)])
		case "document":
			data = value
		}
	}
}

func readPart(part *multipart.Part) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(part, maxCertificate+1))
	if err != nil {
		return nil, unreadable(err)
	}
	if len(data) > maxCertificate {
		return nil, errTooLargeForForm
	}
	return data, nil
}

func unreadable(err error) error {
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return errTooLargeForForm
	}
	return directory.ErrUploadContent
}

// takeCertificate does what an upload to a signed address and its completion do.
// What a failure leaves behind is swept away by the planner.
func (s *Server) takeCertificate(r *http.Request, e *directory.Stakeholder, piece string, data []byte) error {
	i := slices.IndexFunc(directory.DocumentTypes(), func(t string) bool { return directory.DocumentIs(t, data) })
	if i < 0 {
		return directory.ErrUploadContent
	}
	sum := sha256.Sum256(data)
	offer := directory.Offer{Evidence: piece, MediaType: directory.DocumentTypes()[i], Size: int64(len(data)), SHA256: hex.EncodeToString(sum[:])}
	u, err := directory.NewUpload(s.Store.NewID(), e, offer, s.now())
	if err != nil {
		return err
	}
	if u, err = s.keepDocument(r.Context(), u, data); err != nil {
		return err
	}
	return s.changeOwn(r, func(e *directory.Stakeholder) error { return e.Attach(u, s.now()) })
}

func (s *Server) keepDocument(ctx context.Context, u *directory.Upload, data []byte) (*directory.Upload, error) {
	if err := s.Store.CreateUpload(ctx, u); err != nil {
		return nil, err
	}
	if err := s.Depot.Put(ctx, u.Key(), data); err != nil {
		return nil, err
	}
	return s.Store.UpdateUpload(ctx, u.Stakeholder, u.ID, func(u *directory.Upload) error { return u.Complete(data) })
}
