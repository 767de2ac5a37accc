package cli

import "testing"

func TestRegionOf(t *testing.T) {
	for endpoint, want := range map[string]string{
		"https://dynamodb.eu-central-1.amazonaws.com": "eu-central-1", "https://dynamodb.cn-north-1.amazonaws.com.cn/": "cn-north-1",
		"http://127.0.0.1:8000": "", "http://dynamodb.eu-central-1.amazonaws.com": "", "https://dynamodb.eu-central-1.amazonaws.com.example.org": "",
	} {
		if got, ok := regionOf(endpoint); got != want || ok != (want != "") {
			t.Errorf("%s is of %q, %v", endpoint, got, ok)
		}
	}
}

// Where no keys are, no request is made, and it is said how to come by them.
func TestNoKeys(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	table, err := openDynamoDB(t.Context(), "https://dynamodb.eu-central-1.amazonaws.com", "convoke")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := storeOf(table).SanctionsList(t.Context()); err == nil {
		t.Error("the table was read without keys")
	}
}
