package bot

import (
	"regexp"
	"slices"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// devices are the words for what a mail program runs on, with the platform of
// the facts and the program that comes with it; "" where there are several.
var devices = []struct {
	words            *regexp.Regexp
	platform, client string
}{
	{regexp.MustCompile(`(?i)\bandroid`), "android", "android-gmail"},
	{regexp.MustCompile(`(?i)\b(iphone|ipad|ios)\b`), "ios", "ios-mail"},
	{regexp.MustCompile(`(?i)\b(mac|macs|macbook|imac|macos|os ?x)\b`), "macos", "apple-mail"},
	{regexp.MustCompile(`(?i)\b(windows|pc) ?(7|8|10|11)?\b`), "windows", ""},
	{regexp.MustCompile(`(?i)\b(linux|ubuntu|debian|fedora)\b`), "linux", ""},
}

// onDevice names the mail program for a message that names only a device. The
// thread's program stays when it runs there; one that does not is forgotten,
// and who wants to set something up gets the program that the device has.
func (v *view) onDevice(in knowledge.Intent) knowledge.Intent {
	named := in.Client != "" && in.Client != v.conv.Client // and not taken from the thread
	if named || in.Kind == "error" {
		return in
	}
	text := spoken(v.from)
	for _, d := range devices {
		if !d.words.MatchString(text) {
			continue
		}
		if c := v.book.Client(v.conv.Client); c != nil && slices.Contains(c.Platforms, d.platform) {
			return in
		}
		v.conv.Client, in.Client = "", ""
		if v.book.Client(d.client) != nil {
			in.Client = d.client
		}
		return in
	}
	return in
}
