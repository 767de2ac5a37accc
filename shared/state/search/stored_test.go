package search

import (
	"bytes"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestStoredIsReadAsItWas writes rows that are alike, rows that are not and bytes
// that are no text, and reads each by itself.
func TestStoredIsReadAsItWas(t *testing.T) {
	word := rapid.OneOf(rapid.SampledFrom([]string{
		`{"id":"`, `","name":"`, `"}`, " Association", " of", " migrants", "Ассоциация", "移民協會", "สมาคม", "é", "\xff\xfe", " ", "  ", "",
	}), rapid.StringN(0, 300, 700))
	rapid.Check(t, func(t *rapid.T) {
		kinds := rapid.SliceOfN(rapid.SliceOfN(word, 0, 8), 1, 20).Draw(t, "kinds")
		rows := make([]storedRow, symbolsFrom+rapid.IntRange(-1, 40).Draw(t, "more"))
		for i := range rows {
			rows[i].id = fmt.Appendf(nil, "ID%d", i)
			for k, w := range kinds[i%len(kinds)] {
				rows[i].entry = append(rows[i].entry, w...)
				if k == i%4 {
					rows[i].entry = append(rows[i].entry, rows[i].id...)
				}
			}
		}
		symbols, entries := encodeStored(len(rows), func(i int) storedRow { return rows[i] })
		var l storedList
		var ok bool
		if l.symbols, ok = decodeList(symbols); !ok {
			t.Fatal("no list of symbols")
		}
		if l.entries, ok = decodeList(entries); !ok || l.entries.n != len(rows) {
			t.Fatal("no list of entries")
		}
		for i, r := range rows {
			if got := l.appendTo(nil, i, r.id); !bytes.Equal(got, r.entry) {
				t.Fatalf("row %d is %q, was %q", i, got, r.entry)
			}
		}
	})
}

// TestStoredIsShort holds that what is alike takes a fraction of the bytes.
func TestStoredIsShort(t *testing.T) {
	row := func(i int) storedRow {
		id := fmt.Appendf(nil, "01JD4Z7X9M3T5V8B2C6D%06d", i)
		return storedRow{id, fmt.Appendf(nil, `{"id":"%s","name":"Association %d of migrants","lang":"en","category":"ngo","country":"CH"}`, id, i%7)}
	}
	plain := 0
	for i := range 2000 {
		plain += len(row(i).entry)
	}
	if symbols, entries := encodeStored(2000, row); 5*(len(symbols)+len(entries)) > plain {
		t.Errorf("%d bytes became %d and %d of symbols", plain, len(entries), len(symbols))
	}
}
