package discord

import (
	"cmp"
	"context"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"
)

// Checked is what Check has found out about the app and its servers.
type Checked struct {
	Bot      string // the bot's name
	AppID    string // for the InviteURL; "" when Discord did not say
	Guilds   int    // servers that the bot is in
	Sessions int    // how many sessions may still be begun today
	Shards   int    // how many shards Discord recommends

	Content  bool   // the message-content intent is switched on
	Endpoint string // where Discord sends interactions over HTTP, "" for the gateway
	WrongKey bool   // the configured public key is not the app's

	Lacking []Lacking // permissions that are missing, by channel; at most maxLacking
}

// Lacking is what the bot may not do in a channel that it sees. Channel is ""
// where it holds for all channels of the server.
type Lacking struct{ Guild, Channel, Permissions string }

// How much Check looks at: each server costs two calls.
const (
	maxGuilds  = 25
	maxLacking = 20
)

// Bits of an application's flags
// (discord.com/developers/docs/resources/application#application-object-application-flags).
const (
	flagContent        = 1 << 18
	flagContentLimited = 1 << 19
)

// Check asks Discord about the bot without connecting to the gateway. The
// error is that of a token that is refused, or of a Discord out of reach.
func (a *Adapter) Check(ctx context.Context) (Checked, error) {
	var me struct {
		ID       string `json:"id"`
		Username string `json:"username"`
	}
	if err := a.get(ctx, "/users/@me", &me); err != nil {
		if isStatus(err, http.StatusUnauthorized) {
			return Checked{}, &closedError{4004}
		}
		return Checked{}, err
	}
	c := Checked{Bot: me.Username}
	var app struct {
		ID       string `json:"id"`
		Key      string `json:"verify_key"`
		Flags    int64  `json:"flags"`
		Endpoint string `json:"interactions_endpoint_url"`
	}
	if err := a.get(ctx, "/applications/@me", &app); err != nil {
		return c, err
	}
	c.AppID, c.Endpoint = app.ID, app.Endpoint
	c.Content = app.Flags&(flagContent|flagContentLimited) != 0
	c.WrongKey = len(a.key) > 0 && app.Key != "" && !strings.EqualFold(app.Key, hex.EncodeToString(a.key))
	var start gatewayBot
	if err := a.get(ctx, "/gateway/bot", &start); err != nil {
		return c, err
	}
	c.Sessions, c.Shards = start.Limit.Remaining, start.Shards
	return c, a.checkGuilds(ctx, me.ID, &c)
}

func (a *Adapter) get(ctx context.Context, path string, out any) error {
	return a.rest.do(ctx, call{method: "GET", path: path, out: out, again: true})
}

// guildSummary is one of the bot's servers with what it may do there at large.
type guildSummary struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Permissions string `json:"permissions"`
}

func (a *Adapter) checkGuilds(ctx context.Context, self string, c *Checked) error {
	var guilds []guildSummary
	if err := a.get(ctx, "/users/@me/guilds", &guilds); err != nil {
		return err
	}
	c.Guilds = len(guilds)
	for _, g := range guilds[:min(len(guilds), maxGuilds)] {
		var who struct {
			Roles []string `json:"roles"`
		}
		if err := a.get(ctx, "/guilds/"+g.ID+"/members/"+self, &who); err != nil && !isStatus(err, http.StatusNotFound) {
			return err
		}
		var channels []guildChannel
		if err := a.get(ctx, "/guilds/"+g.ID+"/channels", &channels); err != nil {
			return err
		}
		c.Lacking = append(c.Lacking, g.lacking(self, who.Roles, channels)...)
	}
	c.Lacking = c.Lacking[:min(len(c.Lacking), maxLacking)]
	return nil
}

type guildChannel struct {
	channel
	Overwrites []overwrite `json:"permission_overwrites"`
}

// overwrite changes what a role or a member may do in a channel.
type overwrite struct {
	ID    string `json:"id"`
	Allow string `json:"allow"`
	Deny  string `json:"deny"`
}

// written are the kinds of channel that people write in.
var written = []int{channelText, channelAnnouncement, 15} // 15 is a forum

// lacking is what the bot may not do in the channels that it sees. What it
// lacks in all of them is told once, for the whole server.
func (g guildSummary) lacking(self string, roles []string, channels []guildChannel) (out []Lacking) {
	everywhere, seen := int64(0), 0
	for _, p := range Permissions() {
		everywhere |= p.Bit
	}
	missing := map[string]int64{}
	for _, ch := range channels {
		have := g.in(ch, self, roles)
		if !slices.Contains(written, ch.Type) || have&discordgo.PermissionViewChannel == 0 {
			continue // a channel that is none of the bot's business
		}
		seen++
		for _, p := range Permissions() {
			missing[ch.ID] |= p.Bit &^ have
		}
		everywhere &= missing[ch.ID]
	}
	if seen == 0 {
		everywhere = discordgo.PermissionViewChannel
	}
	if everywhere != 0 {
		out = append(out, Lacking{g.Name, "", names(everywhere)})
	}
	for _, ch := range channels {
		if rest := missing[ch.ID] &^ everywhere; rest != 0 {
			out = append(out, Lacking{g.Name, ch.Name, names(rest)})
		}
	}
	return out
}

// in is what the bot may do in a channel
// (discord.com/developers/docs/topics/permissions#permission-overwrites):
// first the overwrite of @everyone, then those of its roles together, then its own.
func (g guildSummary) in(ch guildChannel, self string, roles []string) int64 {
	have := bits(g.Permissions)
	if have&discordgo.PermissionAdministrator != 0 {
		return -1
	}
	groups := []func(id string) bool{
		func(id string) bool { return id == g.ID },
		func(id string) bool { return slices.Contains(roles, id) },
		func(id string) bool { return id == self },
	}
	for _, belongs := range groups {
		var allow, deny int64
		for _, o := range ch.Overwrites {
			if belongs(o.ID) {
				allow |= bits(o.Allow)
				deny |= bits(o.Deny)
			}
		}
		have = have&^deny | allow
	}
	return have
}

func bits(s string) int64 {
	n, _ := strconv.ParseInt(cmp.Or(s, "0"), 10, 64) // what is no number allows nothing
	return n
}

// names are those of permissions, as Discord's settings call them.
func names(missing int64) string {
	var out []string
	for _, p := range Permissions() {
		if missing&p.Bit != 0 {
			out = append(out, p.Name)
		}
	}
	return strings.Join(out, ", ")
}

// Skew is how far this machine's clock is ahead of Discord's, by the answer
// that came last; ok is false before the first.
func (a *Adapter) Skew() (ahead time.Duration, ok bool) {
	a.rest.mu.Lock()
	defer a.rest.mu.Unlock()
	return a.rest.ahead, a.rest.dated
}
