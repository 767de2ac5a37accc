package cloud

import (
	"crypto/md5" //nolint:gosec // SQS answers with it, and the SDK compares
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
)

// What SQS and EventBridge take at once.
const (
	maxEntries  = 10
	maxSQSBytes = 1 << 20
	maxBusBytes = 1 << 20
)

// Published is an event that was put on a bus.
type Published struct {
	Bus        string `json:"EventBusName"`
	Source     string
	DetailType string
	Detail     string // JSON
}

type batch struct {
	QueueURL string `json:"QueueUrl"`
	Entries  []struct{ Id, MessageBody string }
}

// fault names the error that SQS answers a batch with, "" for none.
func (b batch) fault(queues []string) string {
	seen, size := map[string]bool{}, 0
	for _, e := range b.Entries {
		if seen[e.Id] {
			return "com.amazonaws.sqs#BatchEntryIdsNotDistinct"
		}
		seen[e.Id] = true
		size += len(e.MessageBody)
	}
	switch {
	case !slices.Contains(queues, b.QueueURL):
		return "com.amazonaws.sqs#QueueDoesNotExist"
	case len(b.Entries) == 0:
		return "com.amazonaws.sqs#EmptyBatchRequest"
	case len(b.Entries) > maxEntries:
		return "com.amazonaws.sqs#TooManyEntriesInBatchRequest"
	case size > maxSQSBytes:
		return "com.amazonaws.sqs#BatchRequestTooLong"
	}
	return ""
}

func (c *Cloud) send(w http.ResponseWriter, call Call, body []byte) {
	var b batch
	malformed := json.Unmarshal(body, &b) != nil
	call.Needs = []Right{{"sqs:SendMessage", "queue/" + b.QueueURL}}
	c.note(call)
	if malformed {
		refuse(w, "SerializationException")
		return
	}
	if name := b.fault(c.options.Queues); name != "" {
		refuse(w, name)
		return
	}
	done := []map[string]string{}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range b.Entries {
		c.messages[b.QueueURL] = append(c.messages[b.QueueURL], e.MessageBody)
		sum := md5.Sum([]byte(e.MessageBody)) //nolint:gosec // as above
		done = append(done, map[string]string{"Id": e.Id, "MessageId": "message-" + e.Id, "MD5OfMessageBody": hex.EncodeToString(sum[:])})
	}
	reply(w, map[string]any{"Successful": done, "Failed": []any{}})
}

// Receive takes all messages out of a queue, oldest first.
func (c *Cloud) Receive(queue string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	messages := c.messages[queue]
	delete(c.messages, queue)
	return messages
}

func (c *Cloud) publish(w http.ResponseWriter, call Call, body []byte) {
	var asked struct{ Entries []Published }
	malformed := json.Unmarshal(body, &asked) != nil
	for _, e := range asked.Entries {
		call.Needs = append(call.Needs, Right{"events:PutEvents", "bus/" + e.Bus})
	}
	c.note(call)
	if malformed || len(asked.Entries) == 0 || len(asked.Entries) > maxEntries || len(body) > maxBusBytes {
		refuse(w, "ValidationException")
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	results, failed := []map[string]string{}, 0
	for _, e := range asked.Entries {
		if !slices.Contains(c.options.Buses, e.Bus) || e.Source == "" || e.DetailType == "" || !json.Valid([]byte(e.Detail)) {
			failed++
			results = append(results, map[string]string{"ErrorCode": "MalformedDetail"})
			continue
		}
		c.published = append(c.published, e)
		results = append(results, map[string]string{"EventId": strconv.Itoa(len(c.published))})
	}
	reply(w, map[string]any{"FailedEntryCount": failed, "Entries": results})
}

// Published returns what was put on the buses so far, oldest first.
func (c *Cloud) Published() []Published {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.published)
}
