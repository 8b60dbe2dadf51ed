package bot

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

const (
	digestSpan = 7 * 24 * time.Hour
	digestHour = 7               // of Monday, UTC: the start of the working day in Central Europe
	tickEvery  = 5 * time.Minute // how soon another process's teaching is in force
)

// Run does what happens by the clock until ctx ends: weekly digests, and taking
// in what another process was taught.
func (b *Bot) Run(ctx context.Context) {
	for {
		if err := b.Refresh(ctx); err != nil && ctx.Err() == nil {
			b.Log.Error("taught articles not read", "err", err)
		}
		b.digests(ctx)
		select {
		case <-b.after(tickEvery):
		case <-ctx.Done():
			return
		}
	}
}

// digests posts the digest of the week before to every channel that is due.
// Each is posted once, by whichever process is first; one whose post fails is
// not tried again.
func (b *Bot) digests(ctx context.Context) {
	now := b.Now().UTC()
	day := now.Truncate(24 * time.Hour)
	monday := day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
	if now.Before(monday.Add(digestHour * time.Hour)) {
		return
	}
	for platform := range b.Posters {
		channels, err := b.Store.SettingOwners(ctx, platform, "", ScopeChannel, settingAuto)
		if err != nil {
			b.Log.Error("channels not read", "platform", platform, "err", err)
			continue
		}
		for o := range channels {
			b.digest(ctx, Place{Platform: platform, Tenant: o.Tenant, Channel: o.ID}, monday)
		}
	}
}

func (b *Bot) digest(ctx context.Context, at Place, monday time.Time) {
	r, err := b.rules(ctx, at)
	if err != nil || !r.digest {
		return
	}
	d, err := b.Store.Digest(ctx, at, monday.Add(-digestSpan), monday)
	if err != nil {
		b.Log.Error("digest not made", "platform", at.Platform, "err", err)
		return
	}
	if d.Answered+d.Silent == 0 {
		return
	}
	year, week := monday.Add(-digestSpan).ISOWeek()
	key := fmt.Sprintf("digest/%s/%d-W%02d", at.Channel, year, week)
	fresh, err := b.Store.Claim(ctx, at.Platform, at.Tenant, key, b.Now())
	if err != nil || !fresh {
		return
	}
	to := at
	if r.review != "" {
		to.Channel = r.review
	}
	mi := b.mindOf(at)
	v := &view{bot: b, mind: mi, book: mi.book, lang: b.placeLang(ctx, at)}
	b.post(ctx, Announcement{To: to, Answer: v.digestAnswer(d), Key: key})
}

// placeLang is the language of who switched the bot on in a channel.
func (b *Bot) placeLang(ctx context.Context, at Place) Lang {
	s, err := b.Store.Settings(ctx, at.channelOwner())
	if err != nil {
		b.Log.Error("settings not read", "platform", at.Platform, "err", err)
	}
	return firstLang(s[settingLang], "en")
}

func (v *view) digestAnswer(d Digest) Answer {
	num := strconv.Itoa
	a := v.answer(
		Heading{v.say("digest.title")},
		Paragraph{Spans(T(v.say("digest.line", "answered", num(d.Answered), "silent", num(d.Silent), "corrected", num(d.Corrected))))},
		Paragraph{Spans(T(v.say("digest.rated", "helped", num(d.Helped), "human", num(d.Human))))},
	)
	if len(d.Top) > 0 {
		list := Steps{Ordered: true}
		for _, t := range d.Top {
			list.Items = append(list.Items, Spans(T(v.topicTitle(t.Topic)+" · "+num(t.N))))
		}
		a.Blocks = append(a.Blocks, Heading{v.say("digest.top")}, list)
	}
	return a
}

// topicOther counts the questions that are about no topic of the knowledge.
const topicOther = "other"

// topicTitle is a topic in words.
func (v *view) topicTitle(topic string) string {
	if topic == topicOther {
		return v.say("digest.other")
	}
	if a := v.book.Article(topic, v.lang); a != nil && a.Title != "" {
		return a.Title
	}
	return topic
}
