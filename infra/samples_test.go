package infra_test

import (
	"bytes"
	"crypto/md5"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

const samplesPath = "../events/sample/aws"

// TestSamplesAreOfTheirShape reads every sample into the type its function takes,
// with no member unknown to it, as AWS documents them.
func TestSamplesAreOfTheirShape(t *testing.T) {
	shapes := map[string]func(*testing.T, []byte){
		"apigatewayv2": shape[events.APIGatewayV2HTTPRequest],
		"dynamodb":     shape[events.DynamoDBEvent],
		"sqs":          queued,
		"ses":          feedbackShape,
		"s3":           shape[events.S3Event],
		"scheduler":    scheduled,
	}
	for trigger, check := range shapes {
		files, err := filepath.Glob(filepath.Join(samplesPath, trigger, "*.json"))
		if err != nil || len(files) == 0 {
			t.Errorf("no samples of %s: %v", trigger, err)
		}
		for _, file := range files {
			t.Run(trigger+"/"+filepath.Base(file), func(t *testing.T) {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				check(t, text)
			})
		}
	}
}

func shape[T any](t *testing.T, text []byte) {
	t.Helper()
	decodeStrictly[T](t, text)
}

func decodeStrictly[T any](t *testing.T, text []byte) (v T) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func queued(t *testing.T, text []byte) {
	t.Helper()
	records(t, text)
}

func records(t *testing.T, text []byte) []events.SQSMessage {
	t.Helper()
	batch := decodeStrictly[events.SQSEvent](t, text)
	for _, r := range batch.Records {
		if sum := fmt.Sprintf("%x", md5.Sum([]byte(r.Body))); sum != r.Md5OfBody || !json.Valid([]byte(r.Body)) {
			t.Errorf("body of %s: sum %s, want %s", r.MessageId, sum, r.Md5OfBody)
		}
	}
	return batch.Records
}

// feedbackShape holds that the rule of template.yaml would have let the event by.
func feedbackShape(t *testing.T, text []byte) {
	t.Helper()
	for _, r := range records(t, text) {
		event := decodeStrictly[events.EventBridgeEvent](t, []byte(r.Body))
		var detail struct {
			EventType string
			Mail      struct{ Tags map[string][]string }
		}
		if err := json.Unmarshal(event.Detail, &detail); err != nil {
			t.Fatal(err)
		}
		if event.Source != "aws.ses" || detail.EventType == "" || len(detail.Mail.Tags["ses:configuration-set"]) != 1 {
			t.Errorf("the rule would not pass it on: %s", r.Body)
		}
	}
}

// scheduled holds that the sample is what the schedule of template.yaml sends.
func scheduled(t *testing.T, text []byte) {
	t.Helper()
	sample := decodeStrictly[struct{ Task, Scheduled string }](t, text)
	root := readTemplate(t)
	for _, name := range named(root, "AWS::Scheduler::Schedule") {
		input := brief(at(resources(root), name+".Properties.Target.Input"))
		sent := decodeStrictly[struct{ Task, Scheduled string }](t, []byte(strings.ReplaceAll(input, "<aws.scheduler.scheduled-time>", sample.Scheduled)))
		if sent == sample {
			return
		}
	}
	t.Errorf("no schedule sends %+v", sample)
}
