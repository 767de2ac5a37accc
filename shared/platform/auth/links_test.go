package auth

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"convoke/shared/domain/fault"
)

func keyEntry(id string, fill byte) string {
	return id + ":" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{fill}, 32))
}

func keyring(t interface {
	Helper()
	Fatal(args ...any)
}, text string,
) *Keyring {
	t.Helper()
	r, err := ParseKeyring(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var linkNow = time.Date(2026, 12, 18, 9, 0, 0, 0, time.UTC)

func answerClaims() Claims {
	return Claims{
		Purpose:    "answer",
		IDs:        []string{"01JEXAMPLE0000000000000EVT", "01JEXAMPLE0000000000000INV"},
		Expires:    linkNow.Add(time.Hour),
		Generation: 3,
	}
}

func anyClaims(t *rapid.T) Claims {
	return Claims{
		Purpose:    rapid.SampledFrom([]string{"confirm", "answer", "unsubscribe", "correct"}).Draw(t, "purpose"),
		IDs:        rapid.SliceOfN(rapid.StringMatching(`[0-9A-Z]{1,26}`), 1, MaxLinkIDs).Draw(t, "ids"),
		Expires:    linkNow.Add(time.Duration(rapid.IntRange(1, 1<<26).Draw(t, "seconds")) * time.Second),
		Generation: rapid.IntRange(0, 1<<20).Draw(t, "generation"),
	}
}

func TestLinkSaysWhatWasSigned(t *testing.T) {
	r := keyring(t, keyEntry("k2", 2)+","+keyEntry("k1", 1))
	rapid.Check(t, func(t *rapid.T) {
		c := anyClaims(t)
		got, err := r.Verify(r.Sign(c), c.Purpose, linkNow)
		if diff := cmp.Diff(c, got); err != nil || diff != "" {
			t.Fatalf("%v\n%s", err, diff)
		}
	})
}

// TestLinkRefusesEveryBitFlip is row 11 of the scorecard: every bit of the
// text of 200 tokens, and every bit of what they decode to.
func TestLinkRefusesEveryBitFlip(t *testing.T) {
	r := keyring(t, keyEntry("k2", 2)+","+keyEntry("k1", 1))
	claims := rapid.Custom(anyClaims)
	flips := 0
	for seed := range 200 {
		c := claims.Example(seed)
		token := r.Sign(c)
		refused := func(forged string) {
			flips++
			if _, err := r.Verify(forged, c.Purpose, linkNow); !errors.Is(err, ErrLinkInvalid) {
				t.Fatalf("token %d: accepted with a bit flipped: %q, %v", seed, forged, err)
			}
		}
		eachBitFlip([]byte(token), func(b []byte) { refused(string(b)) })
		raw, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil {
			t.Fatal(err)
		}
		eachBitFlip(raw, func(b []byte) { refused(base64.RawURLEncoding.EncodeToString(b)) })
	}
	t.Attr("scorecard", fmt.Sprintf("11 tokens: every bit of 200 flipped: injected %d, held %d", flips, flips))
}

func eachBitFlip(b []byte, try func([]byte)) {
	for i := range len(b) * 8 {
		b[i/8] ^= 1 << (i % 8)
		try(b)
		b[i/8] ^= 1 << (i % 8)
	}
}

func TestLinkRefusals(t *testing.T) {
	r := keyring(t, keyEntry("k2", 2)+","+keyEntry("k1", 1))
	token := r.Sign(answerClaims())
	later := linkNow.Add(2 * time.Hour)
	tooMany := answerClaims()
	tooMany.IDs = []string{"a", "b", "c", "d", "e"}
	tooLong := answerClaims()
	tooLong.IDs = []string{strings.Repeat("a", maxLinkChars)}
	zero := answerClaims()
	zero.Expires = time.Time{}
	for name, tc := range map[string]struct {
		token, purpose string
		now            time.Time
		want           *fault.Error
	}{
		"another purpose":             {token, "confirm", linkNow, ErrLinkInvalid},
		"no purpose":                  {token, "", linkNow, ErrLinkInvalid},
		"expired":                     {token, "answer", later, ErrLinkExpired},
		"at the second it expires":    {token, "answer", answerClaims().Expires, ErrLinkExpired},
		"expired and another purpose": {token, "confirm", later, ErrLinkInvalid},
		"never set to expire":         {r.Sign(zero), "answer", linkNow, ErrLinkExpired},
		"empty":                       {"", "answer", linkNow, ErrLinkInvalid},
		"padded":                      {token + "=", "answer", linkNow, ErrLinkInvalid},
		"line break":                  {token[:10] + "\n" + token[10:], "answer", linkNow, ErrLinkInvalid},
		"truncated":                   {token[:len(token)-4], "answer", linkNow, ErrLinkInvalid},
		"lengthened":                  {token + "AAAA", "answer", linkNow, ErrLinkInvalid},
		"twice":                       {token + token, "answer", linkNow, ErrLinkInvalid},
		"too many ids":                {r.Sign(tooMany), "answer", linkNow, ErrLinkInvalid},
		"too long":                    {r.Sign(tooLong), "answer", linkNow, ErrLinkInvalid},
		"same id, another key":        {keyring(t, keyEntry("k2", 9)).Sign(answerClaims()), "answer", linkNow, ErrLinkInvalid},
		"unknown key":                 {keyring(t, keyEntry("k9", 2)).Sign(answerClaims()), "answer", linkNow, ErrLinkInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := r.Verify(tc.token, tc.purpose, tc.now)
			if !errors.Is(err, tc.want) || c.Purpose != "" || fault.KindOf(err) != fault.Gone {
				t.Fatalf("got %+v, %v; want %v", c, err, tc.want)
			}
		})
	}
}

func TestLinkKeysRotate(t *testing.T) {
	before := keyring(t, keyEntry("k1", 1))
	during := keyring(t, keyEntry("k2", 2)+","+keyEntry("k1", 1))
	after := keyring(t, keyEntry("k2", 2))
	old, fresh := before.Sign(answerClaims()), during.Sign(answerClaims())
	for name, tc := range map[string]struct {
		ring  *Keyring
		token string
		want  error
	}{
		"old link while both live": {during, old, nil},
		"new link while both live": {during, fresh, nil},
		"new link afterwards":      {after, fresh, nil},
		"old link afterwards":      {after, old, ErrLinkInvalid},
		"new link before":          {before, fresh, ErrLinkInvalid},
	} {
		if _, err := tc.ring.Verify(tc.token, "answer", linkNow); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
}

func TestLinkIsShortAndSafeInAnURL(t *testing.T) {
	token := keyring(t, keyEntry("k2", 2)).Sign(answerClaims())
	if len(token) > 150 || strings.Trim(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		t.Fatalf("%d characters: %s", len(token), token)
	}
}

func TestParseKeyringRefuses(t *testing.T) {
	short := "k1:" + base64.StdEncoding.EncodeToString(make([]byte, 31))
	for name, text := range map[string]string{
		"empty":         "",
		"no id":         keyEntry("", 1),
		"no key":        "k1",
		"short key":     short,
		"not base64":    "k1:%%%",
		"same id":       keyEntry("k1", 1) + "," + keyEntry("k1", 2),
		"same key":      keyEntry("k1", 1) + "," + keyEntry("k2", 1),
		"three":         keyEntry("k1", 1) + "," + keyEntry("k2", 2) + "," + keyEntry("k3", 3),
		"trailing":      keyEntry("k1", 1) + ",",
		"id with space": keyEntry("k 1", 1),
		"long id":       keyEntry(strings.Repeat("k", 17), 1),
	} {
		if r, err := ParseKeyring(text); err == nil || r != nil {
			t.Errorf("%s: accepted", name)
		} else if _, key, ok := strings.Cut(text, ":"); ok && strings.Contains(err.Error(), key) {
			t.Errorf("%s: the error shows the key: %v", name, err)
		}
	}
}

func TestNewKeyParses(t *testing.T) {
	entry, err := NewKey("k1", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r := keyring(t, entry)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if got := fmt.Sprintf(verb, r); got != "keyring(k1)" {
			t.Errorf("%s shows %s", verb, got)
		}
	}
	if _, err := NewKey("k1", strings.NewReader("too little")); err == nil {
		t.Error("made a key of too little randomness")
	}
}

func FuzzVerifyLink(f *testing.F) {
	r := keyring(f, keyEntry("k2", 2))
	f.Add(r.Sign(answerClaims())[:40])
	f.Fuzz(func(t *testing.T, token string) {
		if c, err := r.Verify(token, "answer", linkNow); err == nil && r.Sign(c) != token {
			t.Fatalf("accepted a token that is not signed here: %q", token)
		}
	})
}

func BenchmarkVerifyLink(b *testing.B) {
	r := keyring(b, keyEntry("k2", 2))
	token := r.Sign(answerClaims())
	for b.Loop() {
		if _, err := r.Verify(token, "answer", linkNow); err != nil {
			b.Fatal(err)
		}
	}
}
