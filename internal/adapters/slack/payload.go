package slack

import "encoding/json"

// The parts of Slack's payloads that the bot reads. They are read leniently:
// a payload with more, or with something else elsewhere, is still understood.

// eventPayload is an event of the Events API (docs.slack.dev/apis/events-api).
type eventPayload struct {
	Type      string          `json:"type"` // "event_callback" or "url_verification"
	Challenge string          `json:"challenge"`
	TeamID    string          `json:"team_id"`
	EventID   string          `json:"event_id"`
	Event     json.RawMessage `json:"event"`
}

// messageEvent is a message or an app_mention, or app_home_opened.
type messageEvent struct {
	Type         string `json:"type"`
	Subtype      string `json:"subtype"`
	User         string `json:"user"`
	BotID        string `json:"bot_id"`
	Text         string `json:"text"`
	TS           string `json:"ts"`
	ThreadTS     string `json:"thread_ts"`
	ParentUserID string `json:"parent_user_id"`
	Channel      string `json:"channel"`
	ChannelType  string `json:"channel_type"`
	ClientMsgID  string `json:"client_msg_id"`
	Hidden       bool   `json:"hidden"`
	Tab          string `json:"tab"`

	// Of message_changed and message_deleted.
	Message   message `json:"message"`
	Previous  message `json:"previous_message"`
	DeletedTS string  `json:"deleted_ts"`
}

// commandPayload is a slash command.
type commandPayload struct {
	Command     string `json:"command"`
	Text        string `json:"text"`
	TeamID      string `json:"team_id"`
	ChannelID   string `json:"channel_id"`
	UserID      string `json:"user_id"`
	ResponseURL string `json:"response_url"`
	TriggerID   string `json:"trigger_id"`
}

// interactionPayload is a pressed button, a message shortcut or a sent modal.
type interactionPayload struct {
	Type        string    `json:"type"`
	CallbackID  string    `json:"callback_id"`
	TriggerID   string    `json:"trigger_id"`
	ResponseURL string    `json:"response_url"`
	ActionTS    string    `json:"action_ts"`
	MessageTS   string    `json:"message_ts"`
	Team        idField   `json:"team"`
	User        person    `json:"user"`
	Channel     idField   `json:"channel"`
	Message     message   `json:"message"`
	Container   container `json:"container"`
	Actions     []pressed `json:"actions"`
	View        viewState `json:"view"`
}

type idField struct {
	ID string `json:"id"`
}

type person struct {
	ID       string `json:"id"`
	Username string `json:"username"`
}

type message struct {
	TS       string `json:"ts"`
	ThreadTS string `json:"thread_ts"`
	User     string `json:"user"`
	BotID    string `json:"bot_id"`
	Text     string `json:"text"`
	Edited   struct {
		User string `json:"user"`
		TS   string `json:"ts"`
	} `json:"edited"`
}

type container struct {
	Type        string `json:"type"`
	MessageTS   string `json:"message_ts"`
	ThreadTS    string `json:"thread_ts"`
	ChannelID   string `json:"channel_id"`
	IsEphemeral bool   `json:"is_ephemeral"`
}

type pressed struct {
	ActionID string `json:"action_id"`
	Value    string `json:"value"`
	ActionTS string `json:"action_ts"`
}

type viewState struct {
	ID              string `json:"id"`
	CallbackID      string `json:"callback_id"`
	PrivateMetadata string `json:"private_metadata"`
	State           struct {
		Values map[string]map[string]struct {
			Value    string `json:"value"`
			Selected struct {
				Value string `json:"value"`
			} `json:"selected_option"`
		} `json:"values"`
	} `json:"state"`
}
