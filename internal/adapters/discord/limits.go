package discord

import "unicode/utf16"

// The limits of a message and of its parts. Texts are counted in UTF-16 units
// here, which is never less than Discord counts.
//
// Sources, read 2026-11: discord.com/developers/docs/resources/message
// (content, embed limits, nonce), …/components/reference (rows, buttons,
// custom_id, labels and inputs of modals), …/interactions/application-commands (choices, names),
// …/resources/channel (thread names).
const (
	maxContent     = 2000
	maxDescription = 4096
	maxRows        = 5
	maxRowButtons  = 5
	maxLabel       = 80
	maxCustomID    = 100
	maxNonce       = 25
	maxChoices     = 25
	maxChoice      = 100
	maxThreadName  = 100
	maxModalTitle  = 45
	maxInputLabel  = 45
	maxInputs      = 5
	maxInput       = 4000
	maxPlaceholder = 100
)

// maxChunk is the longest piece of text that is never split, so that each
// piece fits an empty content with the marker of a cut behind it.
const maxChunk = maxContent - 100

// maxRead is how many bytes of one text are looked at: more than the most
// that a chunk can show, so that a huge text costs no more than a long one.
const maxRead = 8 << 10

// units is the length of s in UTF-16 code units.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += runeUnits(r)
	}
	return n
}

func runeUnits(r rune) int {
	if n := utf16.RuneLen(r); n > 0 {
		return n
	}
	return 1
}

// clip shortens s to at most limit UTF-16 units; what was shortened ends in "…".
func clip(s string, limit int) string {
	if len(s) <= limit || units(s) <= limit {
		return s
	}
	n := 0
	for i, r := range s {
		if n+runeUnits(r) > limit-1 {
			return s[:i] + "…"
		}
		n += runeUnits(r)
	}
	return s
}
