package bot

import (
	"context"
	"strconv"
	"time"
)

// autoMode says what a channel wants of the bot unasked.
type autoMode string

const (
	autoOff    autoMode = "off" // the default
	autoOn     autoMode = "on"
	autoShadow autoMode = "shadow" // shown to moderators only
)

// The names of settings.
const (
	settingAuto     = "auto"     // channel: on, shadow
	settingReview   = "review"   // channel: where moderators look
	settingDigest   = "digest"   // channel: off
	settingDelay    = "delay"    // channel: seconds
	settingCooldown = "cooldown" // channel: minutes
	settingGroup    = "group"    // tenant: the group that takes over and administers
	settingLang     = "lang"     // person, channel: de, en
)

// How long the bot holds back unless a channel says otherwise. People answer
// each other within half a minute where they answer at once; who asks the same
// again within half an hour has seen the answer.
const (
	defaultDelay    = 30 * time.Second
	maxDelay        = 5 * time.Minute
	defaultCooldown = 30 * time.Minute
	maxCooldown     = 24 * time.Hour

	// A channel gets no more than this many unasked answers within a time: with
	// more there is an outage, and the same answer again is noise.
	channelAnswers = 5
	channelWindow  = 10 * time.Minute
)

// rules are the settings of a channel as they are in force.
type rules struct {
	auto            autoMode
	review          string
	digest          bool
	delay, cooldown time.Duration
}

func (p Place) channelOwner() SettingOwner {
	return SettingOwner{p.Platform, p.Tenant, ScopeChannel, p.Channel}
}

func (p Place) tenantOwner() SettingOwner { return SettingOwner{p.Platform, p.Tenant, ScopeTenant, ""} }

func (m Message) personOwner() SettingOwner {
	return SettingOwner{m.Platform, m.Tenant, ScopePerson, m.User}
}

// rules returns the rules of p's channel.
func (b *Bot) rules(ctx context.Context, p Place) (rules, error) {
	s, err := b.Store.Settings(ctx, p.channelOwner())
	if err != nil {
		return rules{}, err
	}
	r := rules{auto: autoOff, review: s[settingReview], digest: s[settingDigest] != "off", delay: defaultDelay, cooldown: defaultCooldown}
	if m := autoMode(s[settingAuto]); m == autoOn || m == autoShadow {
		r.auto = m
	}
	if n, err := strconv.Atoi(s[settingDelay]); err == nil {
		r.delay = time.Duration(n) * time.Second
	}
	if n, err := strconv.Atoi(s[settingCooldown]); err == nil {
		r.cooldown = time.Duration(n) * time.Minute
	}
	return r, nil
}

// Overhears reports whether a channel of a platform has unasked answers
// switched on, be it in shadow mode: a platform that asks for leave to read
// along then has to.
func (b *Bot) Overhears(ctx context.Context, platform string) (bool, error) {
	channels, err := b.Store.SettingOwners(ctx, platform, "", ScopeChannel, settingAuto)
	for _, mode := range channels {
		if m := autoMode(mode); m == autoOn || m == autoShadow {
			return true, err
		}
	}
	return false, err
}

// group is the group that takes over in a tenant, or "".
func (b *Bot) group(ctx context.Context, p Place) string {
	s, err := b.Store.Settings(ctx, p.tenantOwner())
	if err != nil {
		b.Log.Error("settings not read", "platform", p.Platform, "err", err)
	}
	return s[settingGroup]
}

// withLang puts the language that a person has chosen in the place of the one
// that the platform tells.
func (b *Bot) withLang(ctx context.Context, m Message) Message {
	if m.User == "" || m.Kind == KindChannel || m.Kind == KindThread {
		return m
	}
	s, err := b.Store.Settings(ctx, m.personOwner())
	if err != nil {
		b.Log.Error("settings not read", "platform", m.Platform, "err", err)
	}
	m.Lang = firstLang(s[settingLang], m.Lang)
	return m
}

// alone says that nobody but the person reads along.
func (m Message) alone() bool { return m.Direct || m.Kind == KindDirect || m.Tenant == "" }
