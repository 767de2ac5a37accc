package authtest

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Forgery is a token that must be refused.
type Forgery struct{ Name, Token string }

// Forgeries returns tokens of every class of forgery at now: each one would be
// an admin's if the one check it is named for were left out.
func (i *Issuer) Forgeries(t testing.TB, now time.Time) []Forgery {
	t.Helper()
	return append(i.forgedSignatures(t, now), i.forgedClaims(t, now)...)
}

func (i *Issuer) forgedSignatures(t testing.TB, now time.Time) []Forgery {
	t.Helper()
	key, other := i.Keys()[0], NewKey(t, "key-of-another")
	impostor := Key{ID: key.ID, Private: other.Private}
	claims, sound := i.Claims(now, nil), i.Token(t, now, nil)
	der, err := x509.MarshalPKIXPublicKey(key.Private.Public())
	if err != nil {
		t.Fatal(err)
	}
	hmacWith := func(secret []byte) string {
		return signWith(t, jose.SigningKey{Algorithm: jose.HS256, Key: secret}, key.ID, claims, nil)
	}
	withHeader := func(k Key, header map[jose.HeaderKey]any) string { return Sign(t, k, claims, header) }
	lure := i.URL + "/lure.json"
	own := jose.JSONWebKey{Key: other.Private.Public(), KeyID: other.ID}
	return []Forgery{
		{"alg none", unsigned(t, `{"alg":"none"}`, claims) + "."},
		{"alg none, odd case", unsigned(t, `{"alg":"nOnE","kid":"`+key.ID+`"}`, claims) + "."},
		{"alg none, signature kept", unsigned(t, `{"alg":"none"}`, claims) + sound[strings.LastIndex(sound, "."):]},
		{"HS256 with the public key as PEM", hmacWith(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))},
		{"HS256 with the public key as DER", hmacWith(der)},
		{"RS512 by the right key", signWith(t, jose.SigningKey{Algorithm: jose.RS512, Key: key.Private}, key.ID, claims, nil)},
		{"PS256 by the right key", signWith(t, jose.SigningKey{Algorithm: jose.PS256, Key: key.Private}, key.ID, claims, nil)},
		{"another key under the same kid", withHeader(impostor, nil)},
		{"unknown kid", withHeader(other, nil)},
		{"no kid", withHeader(Key{Private: other.Private}, nil)},
		{"jwk in the header", withHeader(other, map[jose.HeaderKey]any{"jwk": own})},
		{"jwk in the header, our kid", withHeader(impostor, map[jose.HeaderKey]any{"jwk": own})},
		{"jku in the header", withHeader(other, map[jose.HeaderKey]any{"jku": lure})},
		{"x5u in the header", withHeader(impostor, map[jose.HeaderKey]any{"x5u": lure})},
		{"critical header unknown here", withHeader(key, map[jose.HeaderKey]any{"crit": []string{"x-new"}, "x-new": true})},
		{"kid as a path", withHeader(other, map[jose.HeaderKey]any{"kid": "../../../../dev/null"})},
		{"signature cut short", sound[:len(sound)-8]},
		{"signature lengthened", sound + "AAAA"},
		{"no signature", sound[:strings.LastIndex(sound, ".")+1]},
		{"payload changed", changedPayload(t, sound, i.Claims(now, map[string]any{"sub": "somebody-else"}))},
		{"JSON serialisation", jsonForm(t, sound)},
		{"space inside", sound[:20] + " " + sound[20:]},
		{"empty", ""},
		{"two dots", ".."},
		{"very long", strings.Repeat("A", 100_000) + sound},
	}
}

func (i *Issuer) forgedClaims(t testing.TB, now time.Time) []Forgery {
	t.Helper()
	with := func(name string, changes map[string]any) Forgery {
		return Forgery{Name: name, Token: i.Token(t, now, changes)}
	}
	hour := func(n int) int64 { return now.Add(time.Duration(n) * time.Hour).Unix() }
	return []Forgery{
		with("wrong iss", map[string]any{"iss": "https://issuer.example.org"}),
		with("iss with a slash more", map[string]any{"iss": i.URL + "/"}),
		with("no iss", map[string]any{"iss": nil}),
		with("wrong aud", map[string]any{"aud": "another-client"}),
		with("wrong aud in a list", map[string]any{"aud": []string{"another-client", Audience + "2"}}),
		with("no aud", map[string]any{"aud": nil}),
		with("ID token with client_id only", map[string]any{"aud": nil, "client_id": Audience}),
		with("access token of another client", map[string]any{"token_use": "access", "aud": nil, "client_id": "another-client"}),
		with("access token of nobody", map[string]any{"token_use": "access"}),
		with("wrong token_use", map[string]any{"token_use": "refresh"}),
		with("expired", map[string]any{"iat": hour(-2), "exp": hour(-1)}),
		with("expiring now", map[string]any{"exp": now.Unix()}),
		with("no exp", map[string]any{"exp": nil}),
		with("exp as text", map[string]any{"exp": "tomorrow"}),
		with("valid in two minutes", map[string]any{"nbf": now.Add(2 * time.Minute).Unix()}),
		with("not yet valid", map[string]any{"nbf": hour(1)}),
		with("issued in the future", map[string]any{"iat": hour(1), "exp": hour(2)}),
		with("no sub", map[string]any{"sub": nil}),
		with("sub too long", map[string]any{"sub": strings.Repeat("s", 256)}),
	}
}

func unsigned(t testing.TB, header string, claims map[string]any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString(payload)
}

func changedPayload(t testing.TB, token string, claims map[string]any) string {
	t.Helper()
	parts := strings.Split(token, ".")
	return parts[0] + unsigned(t, "", claims) + "." + parts[2]
}

func jsonForm(t testing.TB, token string) string {
	t.Helper()
	parts := strings.Split(token, ".")
	body, err := json.Marshal(map[string]string{"protected": parts[0], "payload": parts[1], "signature": parts[2]})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
