package slack

// What Slack accepts in a message. Numbers are characters unless said
// otherwise; to be safe they are counted as UTF-16 units, the largest of the
// plausible readings. Block Kit reference, docs.slack.dev/reference/block-kit
// (read 2026-11), where not said otherwise.
const (
	maxBlocks      = 50   // blocks in a message
	maxHomeBlocks  = 100  // blocks in a modal or on the App Home
	maxHeader      = 150  // text of a header
	maxContextText = 2000 // mrkdwn in a context block; Slack allows 3000
	maxButtons     = 25   // elements of an actions block
	maxButtonText  = 75   // label of a button
	maxButtonValue = 2000 // value of a button
	maxActionID    = 255

	// A rich_text block has no documented limit of its own; a block of ours is
	// held to what a section may hold.
	maxRichText = 3000

	// All text of one message. Slack cuts a message's text at 40,000 and a
	// message's markdown at 12,000 characters; more than that nobody reads in a chat.
	maxMessageText = 12000

	// The plain twin, shown in notifications and read out by screen readers:
	// Slack recommends at most 4,000 (chat.postMessage, "text").
	maxTwin = 3500

	maxPlaceholder = 150  // of an input
	maxInput       = 3000 // characters of a plain_text_input
	maxOptions     = 100  // of a select

	// A modal's title and its buttons.
	maxModalTitle = 24
)
