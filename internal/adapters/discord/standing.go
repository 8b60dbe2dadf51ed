package discord

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/bwmarrin/discordgo"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

var _ bot.Directory = (*Adapter)(nil)

// standings remembers for a few minutes who may administer a server.
type standings struct {
	mu   sync.Mutex
	list map[string]standing
}

type standing struct {
	admin bool
	roles []string
	until time.Time
}

// standingLives is how long a permission that was taken away may still count;
// keepStandings is for how many people.
const (
	standingLives = 2 * time.Minute
	keepStandings = 1000
)

// Standing implements bot.Directory. Interactions say it themselves, so that
// it is asked only about people who administer by typing; then the
// permissions in the whole server count, not those in the channel.
func (a *Adapter) Standing(ctx context.Context, tenant, user string, groups []string) (bot.Standing, error) {
	s, err := a.standing(ctx, tenant, user)
	if err != nil {
		return bot.Standing{}, err
	}
	lacks := func(id string) bool { return !slices.Contains(s.roles, id) }
	return bot.Standing{Admin: s.admin, Groups: slices.DeleteFunc(slices.Clone(groups), lacks)}, nil
}

func (a *Adapter) standing(ctx context.Context, guild, user string) (standing, error) {
	key, now := guild+"/"+user, a.clock.now()
	a.people.mu.Lock()
	s, ok := a.people.list[key]
	a.people.mu.Unlock()
	if ok && now.Before(s.until) {
		return s, nil
	}
	var who member
	var g struct {
		OwnerID string `json:"owner_id"`
		Roles   []struct {
			ID          string `json:"id"`
			Permissions string `json:"permissions"`
		} `json:"roles"`
	}
	for path, out := range map[string]any{"/guilds/" + guild: &g, "/guilds/" + guild + "/members/" + user: &who} {
		if err := a.rest.do(ctx, call{method: "GET", path: path, route: "GET/guilds/" + guild, out: out, again: true}); err != nil {
			return standing{}, err
		}
	}
	s = standing{admin: g.OwnerID == user, roles: who.Roles, until: now.Add(standingLives)}
	for _, r := range g.Roles {
		bits, err := strconv.ParseInt(r.Permissions, 10, 64)
		if err == nil && bits&serverAdmin != 0 && (r.ID == guild || slices.Contains(who.Roles, r.ID)) {
			s.admin = true
		}
	}
	a.people.keep(key, s)
	return s, nil
}

// serverAdmin are the permissions that make an admin of the whole server.
const serverAdmin = discordgo.PermissionAdministrator | discordgo.PermissionManageGuild

func (p *standings) keep(key string, s standing) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.list == nil || len(p.list) >= keepStandings {
		p.list = map[string]standing{}
	}
	p.list[key] = s
}
