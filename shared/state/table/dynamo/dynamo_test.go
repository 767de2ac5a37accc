package dynamo_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/state/table"
	"convoke/shared/state/table/bolt"
	"convoke/shared/state/table/dynamo"
	"convoke/shared/state/table/dynamo/dynamotest"
	"convoke/shared/state/table/tabletest"
)

func TestContract(t *testing.T) {
	dynamotest.Endpoint(t)
	tabletest.Run(t, func(t *testing.T) table.Table { return dynamotest.Open(t) })
}

func TestDiffersNotFromBolt(t *testing.T) {
	dynamotest.Endpoint(t)
	embedded, err := bolt.Open(filepath.Join(t.TempDir(), "table.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer embedded.Close()
	tabletest.Differ(t, embedded, dynamotest.Open(t), 10_000, rand.Uint64())
}

func TestDecode(t *testing.T) {
	got, err := dynamo.Decode([]byte(`{
		"pk":{"S":"A"},"sk":{"S":"B"},"g1pk":{"S":"C"},"g1sk":{"S":"D"},"type":{"S":"THING"},"v":{"N":"3"},"ttl":{"N":"4102444800"},
		"name":{"S":"<n>"},"n":{"N":"1E+2"},"yes":{"BOOL":true},"none":{"NULL":true},
		"list":{"L":[{"S":""},{"L":[]}]},"map":{"M":{"a":{"M":{}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := table.Item{
		Key: table.Key{PK: "A", SK: "B"}, G1: table.Key{PK: "C", SK: "D"}, Type: "THING", Version: 3, Expires: 4102444800,
		Attributes: json.RawMessage(`{"list":["",[]],"map":{"a":{}},"n":100,"name":"<n>","none":null,"yes":true}`),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		raw  string
		want error
	}{
		"no JSON":         {`{`, table.ErrBadItem},
		"no keys":         {`{"name":{"S":"x"}}`, table.ErrBadKey},
		"a set":           {`{"pk":{"S":"A"},"sk":{"S":"B"},"s":{"SS":["x"]}}`, table.ErrBadItem},
		"a binary":        {`{"pk":{"S":"A"},"sk":{"S":"B"},"l":{"L":[{"B":"eA=="}]}}`, table.ErrBadItem},
		"a number as key": {`{"pk":{"N":"1"},"sk":{"S":"B"}}`, table.ErrBadItem},
		"a text version":  {`{"pk":{"S":"A"},"sk":{"S":"B"},"v":{"S":"1"}}`, table.ErrBadItem},
		"no number":       {`{"pk":{"S":"A"},"sk":{"S":"B"},"n":{"N":"one"}}`, table.ErrBadItem},
	} {
		if _, err := dynamo.Decode([]byte(c.raw)); !errors.Is(err, c.want) {
			t.Errorf("%s: got error %v, want %v", name, err, c.want)
		}
	}
}
