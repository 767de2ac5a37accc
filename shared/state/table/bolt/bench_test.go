package bolt_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"convoke/shared/state/table"
)

// BenchmarkTransact is 16 writers, each doing durable transactions of 6 items
// of about 500 bytes, as a registration does.
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

var filler = fmt.Sprintf("%0400d", 7)

func registration(n int64) []table.Op {
	id := fmt.Sprintf("%016x", uint64(n)*0x9E3779B97F4A7C15) // keys spread as identifiers do
	ops := make([]table.Op, 6)
	for i := range ops {
		it := table.Item{
			Key: table.Key{PK: fmt.Sprintf("STAKEHOLDER#%s", id), SK: fmt.Sprint(i)}, Type: "STAKEHOLDER", Version: 1,
			Attributes: []byte(`{"name":"International Organization for Migration","country":"CH","languages":["en","fr","es"],"text":"` + filler + `"}`),
		}
		if i == 0 {
			it.G1 = table.Key{PK: "STATE#awaiting_email", SK: id}
		}
		ops[i] = table.Op{Verb: table.Put, Item: it, If: table.IfAbsent()}
	}
	return ops
}

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
