package bolt_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"convoke/shared/state/table"
)

// BenchmarkTransact is concurrent writers, each doing durable transactions of
// the 6 items of a registration.
func BenchmarkTransact(b *testing.B) {
	for _, workers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("writers=%d", workers), func(b *testing.B) {
			tb := fresh(b)
			var next atomic.Int64
			done := make(chan error)
			b.ResetTimer()
			for range workers {
				go func() {
					for {
						n := next.Add(1)
						if n > int64(b.N) {
							done <- nil
							return
						}
						if err := tb.Transact(b.Context(), registration(n)); err != nil {
							done <- err
							return
						}
					}
				}()
			}
			for range workers {
				if err := <-done; err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tx/s")
		})
	}
}

// registration is what a registration writes: the stakeholder, its outbox and
// audit items under identifiers that grow with time, and the guards of name and
// identifier and the idempotency key, which are spread.
func registration(n int64) []table.Op {
	id, spread := fmt.Sprintf("01J%023d", n), fmt.Sprintf("%016x", uint64(n)*0x9E3779B97F4A7C15)
	item := func(pk, sk, noun string, attributes string) table.Op {
		return table.Op{Verb: table.Put, If: table.IfAbsent(), Item: table.Item{
			Key: table.Key{PK: pk, SK: sk}, Type: noun, Version: 1, Attributes: []byte(attributes),
		}}
	}
	ops := []table.Op{
		item("STAKEHOLDER#"+id, "PROFILE", "STAKEHOLDER", profile),
		item("GUARD#NAME#"+spread, "GUARD", "GUARD", `{"stakeholder":"`+id+`"}`),
		item("GUARD#ID#ror:"+spread, "GUARD", "GUARD", `{"stakeholder":"`+id+`"}`),
		item("ONCE#"+spread, "ONCE", "ONCE", `{"stakeholder":"`+id+`","status":202}`),
		item("OUTBOX#"+id, "1", "OUTBOX", `{"event":"registration.received","stakeholder":"`+id+`"}`),
		item("STAKEHOLDER#"+id, "AUDIT#"+id, "AUDIT", `{"action":"register","actor":"public"}`),
	}
	ops[0].Item.G1 = table.Key{PK: "STATE#awaiting_email", SK: id}
	return ops
}

var profile = `{"category":"ngo","names":[{"text":"International Organization for Migration","language":"en"},
	{"text":"Organisation internationale pour les migrations","language":"fr"}],"country":"CH","languages":["en","fr","es"],
	"topics":["gcm:1","gcm:23","sdg:10.7"],"description":"` + strings.Repeat("about the organisation ", 20) + `"}`

func BenchmarkGet(b *testing.B) {
	tb := fresh(b)
	for n := range int64(2000) {
		if err := tb.Transact(b.Context(), registration(n)); err != nil {
			b.Fatal(err)
		}
	}
	for n := int64(0); b.Loop(); n++ {
		if _, err := tb.Get(b.Context(), registration(n % 2000)[0].Item.Key); err != nil {
			b.Fatal(err)
		}
	}
}
