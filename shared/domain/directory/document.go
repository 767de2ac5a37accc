package directory

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"time"

	"convoke/shared/domain/fault"
	"convoke/shared/domain/journal"
)

// Limits of a document, and how long one is waited for.
const (
	MaxDocumentBytes = 10 << 20
	UploadLasts      = 15 * time.Minute    // the signed address that takes the bytes
	uploadKept       = 24 * time.Hour      // what nobody completed
	documentLookedAt = 30 * 24 * time.Hour // how often it is asked whether evidence still rests on one
)

// Faults of documents.
var (
	ErrUploadInvalid   = fault.New(fault.Invalid, "upload.invalid")
	ErrUploadMissing   = fault.New(fault.Conflict, "upload.not_there")
	ErrUploadContent   = fault.New(fault.Invalid, "upload.content")
	ErrNoCertificate   = fault.New(fault.Conflict, "upload.no_certificate")
	ErrDocumentMissing = fault.New(fault.NotFound, "not_found")
)

// DocumentTypes are the media types that are taken.
func DocumentTypes() []string { return []string{"application/pdf", "image/png", "image/jpeg"} }

// Offer is what a contact says of a document before sending it.
type Offer struct {
	Evidence  string `json:"evidence"`   // id of a piece of kind certificate
	MediaType string `json:"media_type"` // see DocumentTypes
	Size      int64  `json:"size"`       // bytes
	SHA256    string `json:"sha256"`     // of the bytes, hexadecimal in lower case
}

// Upload is a document on its way or kept. What it holds lies in the blob store
// under its key.
type Upload struct {
	ID          string `json:"id"`
	Version     int64  `json:"-"`
	Stakeholder string `json:"stakeholder"`
	Offer
	Kept      bool       `json:"kept,omitempty"`    // complete, and of the type it was said to be
	Dropped   bool       `json:"dropped,omitempty"` // its bytes are gone, and what was said of them
	CreatedAt time.Time  `json:"created_at"`
	DueAt     *time.Time `json:"due_at,omitempty"` // when the planner asks whether it is still needed

	journal.Log `json:"-"`
}

// Document is what a moderator is shown of an upload.
type Document struct {
	Upload    string `json:"upload"`
	MediaType string `json:"media_type"`
	Size      int64  `json:"size"`
	SHA256    string `json:"sha256"`
}

// Validate returns nil or an Invalid fault.
func (o Offer) Validate() error {
	var faults fault.List
	if !slices.Contains(DocumentTypes(), o.MediaType) {
		faults.Add("/media_type", "upload.type")
	}
	if o.Size < 1 || o.Size > MaxDocumentBytes {
		faults.Add("/size", "upload.size")
	}
	if sum, err := hex.DecodeString(o.SHA256); err != nil || len(sum) != 32 || hex.EncodeToString(sum) != o.SHA256 {
		faults.Add("/sha256", "upload.sha256")
	}
	return faults.Err(ErrUploadInvalid.Code)
}

// NewUpload awaits a document for a certificate of the stakeholder.
func NewUpload(id string, s *Stakeholder, o Offer, now time.Time) (*Upload, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if _, err := s.certificate(o.Evidence); err != nil {
		return nil, err
	}
	due := now.Add(uploadKept)
	u := &Upload{ID: id, Stakeholder: s.ID, Offer: o, CreatedAt: now, DueAt: &due}
	u.Record("upload.asked", "stakeholder", s.ID, "upload", id)
	return u, nil
}

// Key is where its bytes lie. Nothing in it is chosen by a client.
func (u *Upload) Key() string { return "documents/" + u.Stakeholder + "/" + u.ID }

// Complete takes the bytes for what they are. Doing it again changes nothing.
func (u *Upload) Complete(data []byte) error {
	if u.Kept {
		return nil
	}
	if int64(len(data)) != u.Size || !DocumentIs(u.MediaType, data) {
		return ErrUploadContent
	}
	u.Kept = true
	u.Record("upload.kept", "stakeholder", u.Stakeholder, "upload", u.ID)
	return nil
}

// Keep says when to ask again whether the document is needed.
func (u *Upload) Keep(now time.Time) {
	due := now.Add(documentLookedAt)
	u.DueAt = &due
	u.Record("upload.looked_at", "stakeholder", u.Stakeholder, "upload", u.ID)
}

// Release lets the planner look at the upload at once, because its stakeholder is
// erased: not before the address that takes its bytes has ended, through which they
// could come again. Again changes nothing.
func (u *Upload) Release(now time.Time) {
	due := u.CreatedAt.Add(UploadLasts)
	if due.Before(now) {
		due = now
	}
	if u.Dropped || u.DueAt != nil && !u.DueAt.After(due) {
		return
	}
	u.DueAt = &due
	u.Record("upload.released", "stakeholder", u.Stakeholder, "upload", u.ID)
}

// Drop forgets an upload whose bytes are gone. That there was one stays, because
// its trail does. Again changes nothing.
func (u *Upload) Drop() {
	if u.Dropped {
		return
	}
	u.Offer, u.Kept, u.Dropped, u.DueAt = Offer{}, false, true, nil
	u.Conceal()
	u.Record("upload.dropped", "stakeholder", u.Stakeholder, "upload", u.ID)
}

// Needs reports whether evidence rests on the document.
func (s *Stakeholder) Needs(upload string) bool {
	return s.Status != Erased && slices.ContainsFunc(s.Evidence, func(e Evidence) bool { return e.Document != nil && e.Document.Upload == upload })
}

// certificate returns the piece of evidence that a document can be sent for.
func (s *Stakeholder) certificate(id string) (*Evidence, error) {
	i := slices.IndexFunc(s.Evidence, func(e Evidence) bool { return e.ID == id && e.Kind == EvidenceCertificate && e.State != "" })
	if i < 0 || s.Status == Declined || s.Status == Merged || s.Status == Erased {
		return nil, ErrNoCertificate
	}
	return &s.Evidence[i], nil
}

// Attach lets a certificate rest on a complete upload. A document that was
// checked is not replaced.
func (s *Stakeholder) Attach(u *Upload, now time.Time) error {
	e, err := s.certificate(u.Evidence)
	if err != nil {
		return err
	}
	if e.Document != nil && e.Document.Upload == u.ID {
		return nil
	}
	if e.State == EvidenceChecked {
		return ErrNoCertificate
	}
	e.Document = &Document{Upload: u.ID, MediaType: u.MediaType, Size: u.Size, SHA256: u.SHA256}
	e.State, e.StateAt, s.UpdatedAt = EvidenceGiven, &now, now
	s.Record("verification.document_given", "stakeholder", s.ID)
	return nil
}

// DocumentIs reports whether bytes are what they are said to be, by what they
// hold: neither a name nor a declared type is believed. It is no full reading of
// the format; nothing here opens a document.
func DocumentIs(mediaType string, data []byte) bool {
	switch mediaType {
	case "application/pdf":
		return isPDF(data)
	case "image/png":
		return isPNG(data)
	case "image/jpeg":
		return isJPEG(data)
	}
	return false
}

// isPDF looks for the header, the pointer to the cross-reference table and the
// end (ISO 32000-1 section 7.5), and refuses what runs or carries something else
// as far as that can be read without decompressing.
func isPDF(data []byte) bool {
	if !bytes.HasPrefix(data, []byte("%PDF-1.")) && !bytes.HasPrefix(data, []byte("%PDF-2.")) {
		return false
	}
	tail := data[max(0, len(data)-2048):]
	start, end := bytes.LastIndex(tail, []byte("startxref")), bytes.LastIndex(tail, []byte("%%EOF"))
	if start < 0 || end < start {
		return false
	}
	for _, active := range []string{"/JavaScript", "/JS ", "/JS(", "/Launch", "/EmbeddedFile", "/RichMedia"} {
		if bytes.Contains(data, []byte(active)) {
			return false
		}
	}
	return true
}

// isPNG looks for the signature, a first chunk IHDR with a possible size, and a
// last chunk IEND (RFC 2083 section 3, and 4.1.1).
func isPNG(data []byte) bool {
	const end = "\x00\x00\x00\x00IEND\xaeB`\x82"
	if len(data) < 45 || !bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR")) || !bytes.HasSuffix(data, []byte(end)) {
		return false
	}
	width, height := binary.BigEndian.Uint32(data[16:]), binary.BigEndian.Uint32(data[20:])
	return possible(width) && possible(height)
}

func possible(pixels uint32) bool { return pixels > 0 && pixels <= 30_000 }

// isJPEG looks for the marks of start and end, and for another marker after the
// first (ITU-T T.81 annex B).
func isJPEG(data []byte) bool {
	return len(data) > 100 && bytes.HasPrefix(data, []byte{0xff, 0xd8, 0xff}) && data[3] >= 0xc0 && bytes.HasSuffix(data, []byte{0xff, 0xd9})
}
