package fakeslack

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf16"
)

// Limits of Block Kit (docs.slack.dev/reference/block-kit, read 2026-11), in
// characters or in numbers of elements.
const (
	limitMessageBlocks = 50
	limitViewBlocks    = 100
	limitSectionText   = 3000
	limitFields        = 10
	limitFieldText     = 2000
	limitHeader        = 150
	limitContext       = 10
	limitActions       = 25
	limitButtonText    = 75
	limitButtonValue   = 2000
	limitID            = 255
	limitOptions       = 100
	limitOptionText    = 75
	limitOptionValue   = 150
	limitPlaceholder   = 150
	limitURL           = 3000
	limitInputLabel    = 2000
	limitMarkdown      = 12000
)

// BlockErrors are the objections to a set of blocks, in the words and with the
// JSON pointers that Slack sends as response_metadata.messages.
type BlockErrors []string

func (e BlockErrors) Error() string { return "invalid_blocks: " + strings.Join(e, "; ") }

// CheckBlocks says what Slack would object to in the blocks of a message: nil,
// or BlockErrors. The input is the JSON array.
func CheckBlocks(raw []byte) error {
	return asError(checkBlocks(raw, limitMessageBlocks, messageBlocks))
}

func asError(e BlockErrors) error {
	if len(e) == 0 {
		return nil
	}
	return e
}

// messageBlocks and viewBlocks are the kinds of block that each surface takes.
var (
	messageBlocks = []string{"section", "divider", "header", "context", "actions", "image", "rich_text", "markdown", "input", "file", "video"}
	viewBlocks    = []string{"section", "divider", "header", "context", "actions", "image", "rich_text", "input", "video"}
)

type object = map[string]any

// checker collects objections while it walks the blocks.
type checker struct {
	errs      BlockErrors
	blockIDs  []string
	actionIDs []string
	markdown  int
}

func checkBlocks(raw []byte, limit int, kinds []string) BlockErrors {
	var blocks []any
	if err := json.Unmarshal(raw, &blocks); err != nil {
		return BlockErrors{"[ERROR] must be an array [json-pointer:/blocks]"}
	}
	var c checker
	if len(blocks) > limit {
		c.fail("/blocks", "no more than %d items allowed", limit)
	}
	for i, b := range blocks {
		c.block(fmt.Sprintf("/blocks/%d", i), b, kinds)
	}
	return c.errs
}

func (c *checker) fail(ptr, format string, args ...any) {
	c.errs = append(c.errs, fmt.Sprintf("[ERROR] %s [json-pointer:%s]", fmt.Sprintf(format, args...), ptr))
}

func (c *checker) block(ptr string, v any, kinds []string) {
	b, ok := v.(object)
	if !ok {
		c.fail(ptr, "must be an object")
		return
	}
	kind, _ := b["type"].(string)
	if !slices.Contains(kinds, kind) {
		c.fail(ptr+"/type", "unsupported type: %s", kind)
		return
	}
	if id := c.text(ptr+"/block_id", b["block_id"], 0, limitID); id != "" {
		if slices.Contains(c.blockIDs, id) {
			c.fail(ptr+"/block_id", "block_id must be unique")
		}
		c.blockIDs = append(c.blockIDs, id)
	}
	switch kind {
	case "section":
		c.section(ptr, b)
	case "header":
		c.textObject(ptr+"/text", b["text"], limitHeader, "plain_text")
	case "context":
		c.context(ptr, b)
	case "actions":
		c.actions(ptr, b)
	case "image":
		c.image(ptr, b)
	case "rich_text":
		c.richText(ptr, b)
	case "markdown":
		c.markdownBlock(ptr, b)
	case "input":
		c.input(ptr, b)
	}
}

// text checks a string that must have between low and high characters; a
// missing one is fine when low is 0.
func (c *checker) text(ptr string, v any, low, high int) string {
	if v == nil && low == 0 {
		return ""
	}
	s, ok := v.(string)
	if !ok {
		c.fail(ptr, "must be a string")
		return ""
	}
	switch n := len(utf16.Encode([]rune(s))); {
	case n < low:
		c.fail(ptr, "must be more than %d characters", low-1)
	case n > high:
		c.fail(ptr, "must be less than %d characters", high+1)
	}
	return s
}

func (c *checker) textObject(ptr string, v any, high int, kinds ...string) {
	t, ok := v.(object)
	if !ok {
		c.fail(ptr, "missing required field")
		return
	}
	kind, _ := t["type"].(string)
	if !slices.Contains(kinds, kind) {
		c.fail(ptr+"/type", "must be one of %v", kinds)
	}
	if _, has := t["emoji"]; has && kind == "mrkdwn" {
		c.fail(ptr+"/emoji", "emoji is for plain_text only")
	}
	if s := c.text(ptr+"/text", t["text"], 1, high); strings.TrimSpace(s) == "" && s != "" {
		c.fail(ptr+"/text", "must not be blank")
	}
}

func (c *checker) section(ptr string, b object) {
	fields, hasFields := b["fields"].([]any)
	if b["text"] == nil && !hasFields {
		c.fail(ptr, "missing required field: text or fields")
	}
	if b["text"] != nil {
		c.textObject(ptr+"/text", b["text"], limitSectionText, "plain_text", "mrkdwn")
	}
	c.count(ptr+"/fields", len(fields), 0, limitFields)
	for i, f := range fields {
		c.textObject(fmt.Sprintf("%s/fields/%d", ptr, i), f, limitFieldText, "plain_text", "mrkdwn")
	}
	if a := b["accessory"]; a != nil {
		c.element(ptr+"/accessory", a)
	}
}

func (c *checker) count(ptr string, n, low, high int) {
	if n < low {
		c.fail(ptr, "must have at least %d items", low)
	}
	if n > high {
		c.fail(ptr, "no more than %d items allowed", high)
	}
}

func (c *checker) context(ptr string, b object) {
	es, _ := b["elements"].([]any)
	c.count(ptr+"/elements", len(es), 1, limitContext)
	for i, e := range es {
		p := fmt.Sprintf("%s/elements/%d", ptr, i)
		if o, _ := e.(object); o["type"] == "image" {
			c.image(p, o)
			continue
		}
		c.textObject(p, e, limitSectionText, "plain_text", "mrkdwn")
	}
}

func (c *checker) image(ptr string, b object) {
	c.text(ptr+"/alt_text", b["alt_text"], 1, 2000)
	if b["slack_file"] == nil {
		c.text(ptr+"/image_url", b["image_url"], 1, limitURL)
	}
}

func (c *checker) actions(ptr string, b object) {
	es, _ := b["elements"].([]any)
	c.count(ptr+"/elements", len(es), 1, limitActions)
	for i, e := range es {
		c.element(fmt.Sprintf("%s/elements/%d", ptr, i), e)
	}
}

func (c *checker) input(ptr string, b object) {
	c.textObject(ptr+"/label", b["label"], limitInputLabel, "plain_text")
	if b["hint"] != nil {
		c.textObject(ptr+"/hint", b["hint"], limitInputLabel, "plain_text")
	}
	c.element(ptr+"/element", b["element"])
}

func (c *checker) markdownBlock(ptr string, b object) {
	s := c.text(ptr+"/text", b["text"], 1, limitMarkdown)
	if c.markdown += len(utf16.Encode([]rune(s))); c.markdown > limitMarkdown {
		c.fail(ptr+"/text", "markdown text of a message exceeds %d characters", limitMarkdown)
	}
}

// elementKinds are the interactive elements that are checked in detail or
// accepted as they are.
var elementKinds = []string{
	"button", "static_select", "external_select", "users_select", "channels_select", "conversations_select",
	"multi_static_select", "overflow", "radio_buttons", "checkboxes", "datepicker", "timepicker",
	"plain_text_input", "email_text_input", "url_text_input", "number_input", "image",
}

func (c *checker) element(ptr string, v any) {
	e, ok := v.(object)
	if !ok {
		c.fail(ptr, "missing required field")
		return
	}
	kind, _ := e["type"].(string)
	if !slices.Contains(elementKinds, kind) {
		c.fail(ptr+"/type", "unsupported type: %s", kind)
		return
	}
	if id := c.text(ptr+"/action_id", e["action_id"], 0, limitID); id != "" {
		if slices.Contains(c.actionIDs, id) {
			c.fail(ptr+"/action_id", "action_id must be unique")
		}
		c.actionIDs = append(c.actionIDs, id)
	}
	if e["placeholder"] != nil {
		c.textObject(ptr+"/placeholder", e["placeholder"], limitPlaceholder, "plain_text")
	}
	switch kind {
	case "button":
		c.button(ptr, e)
	case "plain_text_input":
		c.textInput(ptr, e)
	case "static_select", "multi_static_select", "overflow", "radio_buttons", "checkboxes":
		c.options(ptr, e)
	}
}

// limitInput is the most that a plain_text_input takes.
const limitInput = 3000

func (c *checker) textInput(ptr string, e object) {
	most := float64(limitInput)
	if n, has := e["max_length"].(float64); has {
		if n < 1 || n > limitInput {
			c.fail(ptr+"/max_length", "must be between 1 and %d", limitInput)
		}
		most = n
	}
	c.text(ptr+"/initial_value", e["initial_value"], 0, int(most))
}

func (c *checker) button(ptr string, e object) {
	c.textObject(ptr+"/text", e["text"], limitButtonText, "plain_text")
	c.text(ptr+"/value", e["value"], 0, limitButtonValue)
	c.text(ptr+"/url", e["url"], 0, limitURL)
	if s, has := e["style"]; has && s != "primary" && s != "danger" {
		c.fail(ptr+"/style", "must be primary or danger")
	}
}

func (c *checker) options(ptr string, e object) {
	groups, _ := e["option_groups"].([]any)
	if len(groups) > 0 {
		c.count(ptr+"/option_groups", len(groups), 1, limitOptions)
		return
	}
	os, _ := e["options"].([]any)
	c.count(ptr+"/options", len(os), 1, limitOptions)
	for i, o := range os {
		p := fmt.Sprintf("%s/options/%d", ptr, i)
		m, ok := o.(object)
		if !ok {
			c.fail(p, "must be an object")
			continue
		}
		c.textObject(p+"/text", m["text"], limitOptionText, "plain_text", "mrkdwn")
		c.text(p+"/value", m["value"], 1, limitOptionValue)
	}
}

// The parts of a rich_text block.
var (
	richContainers = []string{"rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"}
	richElements   = []string{"text", "link", "emoji", "user", "usergroup", "channel", "broadcast", "team", "date", "color"}
)

func (c *checker) richText(ptr string, b object) {
	es, _ := b["elements"].([]any)
	c.count(ptr+"/elements", len(es), 1, 1000)
	for i, e := range es {
		c.richContainer(fmt.Sprintf("%s/elements/%d", ptr, i), e, richContainers)
	}
}

func (c *checker) richContainer(ptr string, v any, kinds []string) {
	e, _ := v.(object)
	kind, _ := e["type"].(string)
	if !slices.Contains(kinds, kind) {
		c.fail(ptr+"/type", "unsupported type: %s", kind)
		return
	}
	es, _ := e["elements"].([]any)
	for i, sub := range es {
		p := fmt.Sprintf("%s/elements/%d", ptr, i)
		if kind == "rich_text_list" {
			c.richContainer(p, sub, []string{"rich_text_section"})
			continue
		}
		c.richElement(p, sub)
	}
	if s := e["style"]; kind == "rich_text_list" && s != "ordered" && s != "bullet" {
		c.fail(ptr+"/style", "must be ordered or bullet")
	}
}

func (c *checker) richElement(ptr string, v any) {
	e, _ := v.(object)
	kind, _ := e["type"].(string)
	switch {
	case !slices.Contains(richElements, kind):
		c.fail(ptr+"/type", "unsupported type: %s", kind)
	case kind == "text":
		c.text(ptr+"/text", e["text"], 1, 40000)
	case kind == "link":
		s := c.text(ptr+"/url", e["url"], 1, limitURL)
		if u, err := url.Parse(s); err != nil || u.Scheme == "" {
			c.fail(ptr+"/url", "invalid url")
		}
	}
}
