package cloud_test

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	bridge "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"convoke/infra/cloud"
)

const queue = "https://sqs.eu-west-1.amazonaws.com/123456789012/mail"

func open(t *testing.T) (*cloud.Cloud, aws.Config) {
	t.Helper()
	c := cloud.Open(t, cloud.Options{DynamoDB: "http://127.0.0.1:1", Queues: []string{queue}, Buses: []string{"bus"}})
	return c, aws.Config{
		Region: "eu-west-1", BaseEndpoint: &c.URL,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "tester", SecretAccessKey: "key"}, nil
		}),
	}
}

func batch(to string, n int) *sqs.SendMessageBatchInput {
	in := &sqs.SendMessageBatchInput{QueueUrl: &to}
	for i := range n {
		in.Entries = append(in.Entries, types.SendMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), MessageBody: aws.String("body")})
	}
	return in
}

func TestQueueRefusesWhatSQSRefuses(t *testing.T) {
	c, config := open(t)
	client := sqs.NewFromConfig(config)
	twice := batch(queue, 2)
	twice.Entries[1].Id = twice.Entries[0].Id
	for want, in := range map[string]*sqs.SendMessageBatchInput{
		"TooManyEntriesInBatchRequest": batch(queue, 11), "QueueDoesNotExist": batch("https://other.example.org", 1),
		"BatchEntryIdsNotDistinct": twice,
	} {
		_, err := client.SendMessageBatch(t.Context(), in)
		if refusal, ok := errors.AsType[smithy.APIError](err); !ok || refusal.ErrorCode() != want {
			t.Errorf("want %s: %v", want, err)
		}
	}
	if got := c.Receive(queue); len(got) != 0 {
		t.Errorf("took %q", got)
	}
	if _, err := client.SendMessageBatch(t.Context(), batch(queue, 2)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"body", "body"}, c.Receive(queue)); diff != "" {
		t.Error(diff)
	}
	last := c.Calls("tester")[3]
	if diff := cmp.Diff(cloud.Call{Caller: "tester", Service: "sqs", Operation: "SendMessageBatch", Needs: []cloud.Right{{Action: "sqs:SendMessage", Resource: "queue/" + queue}}}, last); diff != "" {
		t.Error(diff)
	}
}

func TestBusTakesEachEventByItself(t *testing.T) {
	c, config := open(t)
	entry := func(bus string) bridge.PutEventsRequestEntry {
		return bridge.PutEventsRequestEntry{EventBusName: &bus, Source: aws.String("convoke"), DetailType: aws.String("t"), Detail: aws.String("{}")}
	}
	out, err := eventbridge.NewFromConfig(config).PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []bridge.PutEventsRequestEntry{entry("bus"), entry("other")}})
	if err != nil || out.FailedEntryCount != 1 || out.Entries[1].ErrorCode == nil {
		t.Errorf("%+v, %v", out, err)
	}
	if diff := cmp.Diff([]cloud.Published{{Bus: "bus", Source: "convoke", DetailType: "t", Detail: "{}"}}, c.Published()); diff != "" {
		t.Error(diff)
	}
}
