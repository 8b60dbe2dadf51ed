package eval

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// Case is one labelled message. "" stands for null everywhere. Each list of
// accepted values, when not empty, holds every right answer, the main one first.
type Case struct {
	ID       string
	Text     string
	Lang     string
	Intent   string
	Topic    string
	Provider string
	Protocol string
	Client   string
	Cause    string
	IsError  bool // an error text, labelled with a cause alone
	NoSlots  bool // labelled with intent and topic alone
	Accept   map[string][]string
}

// line is the shape of a labelled line.
type line struct {
	ID       string  `json:"id"`
	Text     string  `json:"text"`
	Lang     string  `json:"lang"`
	Intent   *string `json:"intent"`
	FAQ      *string `json:"faq"`
	Provider *string `json:"provider"`
	Protocol *string `json:"protocol"`
	Client   *string `json:"client"`
	Cause    *string `json:"cause"`
}

// acceptFields are the fields that may have a list of accepted values.
var acceptFields = [...]string{"intent", "faq", "provider", "protocol", "client", "cause"}

// maxLine bounds one labelled line.
const maxLine = 1 << 20

// Read reads labelled lines; an error names the line.
func Read(r io.Reader) ([]Case, error) {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 64<<10), maxLine)
	var cases []Case
	for n := 1; sc.Scan(); n++ {
		if strings.TrimSpace(sc.Text()) == "" {
			continue
		}
		c, err := parse(sc.Bytes())
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		cases = append(cases, c)
	}
	return cases, sc.Err()
}

func parse(data []byte) (Case, error) {
	var l line
	if err := json.Unmarshal(data, &l); err != nil {
		return Case{}, err
	}
	if l.ID == "" || l.Intent == nil && l.Cause == nil {
		return Case{}, fmt.Errorf("want an id, and an intent or a cause: %.80s", data)
	}
	c := Case{
		ID: l.ID, Text: l.Text, Lang: l.Lang, Intent: value(l.Intent), Topic: value(l.FAQ), Provider: value(l.Provider),
		Protocol: value(l.Protocol), Client: value(l.Client), Cause: value(l.Cause), IsError: l.Intent == nil, Accept: map[string][]string{},
	}
	var rest map[string]json.RawMessage
	if err := json.Unmarshal(data, &rest); err != nil {
		return Case{}, err
	}
	for _, f := range acceptFields {
		raw, ok := rest["accept_"+f]
		if !ok {
			continue
		}
		var list []*string
		if err := json.Unmarshal(raw, &list); err != nil {
			return Case{}, fmt.Errorf("accept_%s: %w", f, err)
		}
		for _, v := range list {
			c.Accept[f] = append(c.Accept[f], value(v))
		}
	}
	return c, nil
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// accepted returns all right values of a field, the main one first.
func (c *Case) accepted(field, main string) []string {
	if a := c.Accept[field]; len(a) > 0 {
		return a
	}
	return []string{main}
}

// InScope reports whether a case deserves an answer.
func (c *Case) InScope() bool { return c.Intent != "out-of-scope" && c.Intent != "smalltalk" }

// Prediction is what was understood of one case; a nil field is null.
type Prediction struct {
	ID         string  `json:"id"`
	Intent     *string `json:"intent"`
	Lang       *string `json:"lang"`
	Confidence float64 `json:"confidence"`
	Reply      bool    `json:"reply"`
	Clarify    bool    `json:"clarify"`
	Provider   *string `json:"provider"`
	Protocol   *string `json:"protocol"`
	Client     *string `json:"client"`
	ErrorCode  *string `json:"error_code"`
	FAQ        *string `json:"faq"`
	Cause      *string `json:"cause"`
}

// Predict puts an intent into the labels of the evaluation: retired Outlook
// versions are "outlook", programs outside the label set are null.
func Predict(id string, in knowledge.Intent) Prediction {
	return Prediction{
		ID: id, Intent: opt(in.Kind), Lang: opt(in.Lang), Confidence: in.Confidence, Reply: in.Reply, Clarify: in.Clarify,
		Provider: opt(in.Provider), Protocol: opt(string(in.Protocol)), Client: opt(clientLabel(in)),
		ErrorCode: opt(in.ErrorCode), FAQ: opt(topicLabel(in.Topic)), Cause: opt(in.Cause),
	}
}

func opt(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// clientLabel maps a client to the labelled ones, "" for all others: K-9 Mail,
// which shares the record of Thunderbird for Android, is no Thunderbird to its
// users.
func clientLabel(in knowledge.Intent) string {
	switch id := in.Client; id {
	case "thunderbird", "outlook", "new-outlook", "apple-mail", "ios-mail", "android-gmail", "samsung-mail":
		return id
	case "outlook-2002", "outlook-2003", "outlook-2007", "outlook-2010", "outlook-2013", "outlook-mac", "outlook-mobile":
		return "outlook"
	case "thunderbird-android":
		if !strings.HasPrefix(in.ClientName, "k9") {
			return "thunderbird"
		}
	}
	return ""
}

// topicLabel maps topics of articles beyond the label set to the label under
// which they count.
func topicLabel(topic string) string {
	switch topic {
	case "encrypted-connection-required":
		return "ssl-vs-starttls"
	case "gmail-in-outlook", "setup-assistant-first":
		return "add-account"
	}
	return topic
}
