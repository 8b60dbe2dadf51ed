package fakediscord

import (
	"cmp"
	"slices"
	"strconv"
)

// getGuilds is GET /users/@me/guilds: the bot's servers with what it may do
// there, channels aside.
func (s *Server) getGuilds(*request) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []map[string]any{}
	for _, g := range s.guilds {
		out = append(out, map[string]any{
			"id": g.ID, "name": g.Name, "owner": false, "features": []string{},
			"permissions": strconv.FormatUint(allPermissions, 10),
		})
	}
	slices.SortFunc(out, func(a, b map[string]any) int { return cmp.Compare(pad(a["id"].(string)), pad(b["id"].(string))) })
	return out, nil
}

// getGuildChannels is GET /guilds/{guild}/channels. What was denied to the bot
// is an overwrite for it alone.
func (s *Server) getGuildChannels(r *request) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.guilds[r.PathValue("guild")]
	if g == nil {
		return nil, errUnknownGuild
	}
	out := []map[string]any{}
	for _, id := range g.Channels {
		c := s.channels[id]
		if c == nil {
			continue
		}
		overwrites := []map[string]any{}
		if c.denied != 0 {
			overwrites = append(overwrites, map[string]any{"id": s.Bot.ID, "type": 1, "allow": "0", "deny": strconv.FormatUint(c.denied, 10)})
		}
		out = append(out, map[string]any{"id": c.ID, "type": c.Type, "guild_id": g.ID, "name": c.Name, "permission_overwrites": overwrites})
	}
	return out, nil
}
