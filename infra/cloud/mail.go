package cloud

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Mail is one that SES took.
type Mail struct {
	ID   string
	From string
	To   []string
	Raw  []byte // the message of RFC 5322
	Tags map[string]string
}

func (c *Cloud) mail(w http.ResponseWriter, call Call, body []byte) {
	var asked struct {
		FromEmailAddress     string
		ConfigurationSetName string
		Destination          struct{ ToAddresses []string }
		Content              struct{ Raw struct{ Data []byte } }
		EmailTags            []struct{ Name, Value string }
	}
	malformed := json.Unmarshal(body, &asked) != nil
	_, domain, _ := strings.Cut(asked.FromEmailAddress, "@")
	resources := []string{"identity/" + domain}
	if asked.ConfigurationSetName != "" {
		resources = append(resources, "configuration-set/"+asked.ConfigurationSetName)
	}
	for _, resource := range resources { // of a raw message SES asks for both
		call.Needs = append(call.Needs, Right{"ses:SendEmail", resource}, Right{"ses:SendRawEmail", resource})
	}
	c.note(call)
	if malformed || domain == "" || len(asked.Destination.ToAddresses) == 0 || len(asked.Content.Raw.Data) == 0 {
		refuse(w, "BadRequestException")
		return
	}
	m := Mail{From: asked.FromEmailAddress, To: asked.Destination.ToAddresses, Raw: asked.Content.Raw.Data, Tags: map[string]string{}}
	for _, tag := range asked.EmailTags {
		m.Tags[tag.Name] = tag.Value
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	m.ID = fmt.Sprintf("0102018f1a2b3c4d-1a2b3c4d-5e6f-7a8b-9c0d-%012d-000000", len(c.mails)+1)
	c.mails = append(c.mails, m)
	reply(w, map[string]string{"MessageId": m.ID})
}

// Mails returns what SES took so far, oldest first.
func (c *Cloud) Mails() []Mail {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.mails)
}

func (c *Cloud) parameter(w http.ResponseWriter, call Call, body []byte) {
	var asked struct {
		Name           string
		WithDecryption bool
	}
	malformed := json.Unmarshal(body, &asked) != nil
	call.Needs = []Right{{"ssm:GetParameter", "parameter/" + strings.TrimPrefix(asked.Name, "/")}}
	c.note(call)
	value, known := c.options.Parameters[asked.Name]
	switch {
	case malformed:
		refuse(w, "SerializationException")
	case !known:
		refuse(w, "ParameterNotFound")
	case !asked.WithDecryption:
		reply(w, map[string]any{"Parameter": map[string]string{"Name": asked.Name, "Type": "SecureString", "Value": "AQICAH-encrypted"}})
	default:
		reply(w, map[string]any{"Parameter": map[string]string{"Name": asked.Name, "Type": "SecureString", "Value": value}})
	}
}
