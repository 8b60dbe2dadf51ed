package fakediscord

import (
	"slices"
	"strconv"
)

// Role is a role of a guild.
type Role struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Permissions string `json:"permissions"`
	Position    int    `json:"position"`
	Color       int    `json:"color"`
	Hoist       bool   `json:"hoist"`
	Managed     bool   `json:"managed"`
	Mentionable bool   `json:"mentionable"`
	Flags       int    `json:"flags"`
}

// Permissions of people that a bot may ask about.
const (
	PermAdministrator  = 1 << 3
	PermManageChannels = 1 << 4
	PermManageGuild    = 1 << 5
)

// everyone is what members may do who have no role.
const everyone uint64 = PermViewChannel | PermSendMessages | PermEmbedLinks | PermAttachFiles | PermReadHistory | PermCreatePublicThreads | PermSendMessagesInThreads

// AddRole makes a mentionable role with permissions in a guild and returns its id.
func (s *Server) AddRole(guildID, name string, permissions uint64) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.guilds[guildID]
	r := Role{ID: s.nextID(), Name: name, Permissions: strconv.FormatUint(permissions, 10), Position: len(g.Roles), Mentionable: true}
	g.Roles = append(g.Roles, r)
	return r.ID
}

// GiveRole gives a person a role.
func (s *Server) GiveRole(u User, guildID, roleID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.guilds[guildID]
	g.Members[u.ID] = append(g.Members[u.ID], roleID)
}

// SetOwner makes a person the owner of a guild.
func (s *Server) SetOwner(u User, guildID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.guilds[guildID].OwnerID = u.ID
}

// may is what a person may do in a guild, with all bits for who may do everything.
func (g *guild) may(userID string) uint64 {
	p := everyone
	for _, r := range g.Roles {
		if r.ID == g.ID || slices.Contains(g.Members[userID], r.ID) {
			bits, _ := strconv.ParseUint(r.Permissions, 10, 64)
			p |= bits
		}
	}
	if userID == g.OwnerID || p&PermAdministrator != 0 {
		return 1<<53 - 1
	}
	return p
}

// memberJSON is a guild member; the permissions come with interactions only.
func (g *guild) memberJSON(u *User, userID string, permissions bool) map[string]any {
	roles := append([]string{}, g.Members[userID]...)
	m := map[string]any{"roles": roles, "joined_at": epochTime, "deaf": false, "mute": false, "flags": 0}
	if u != nil {
		m["user"] = *u
	}
	if permissions {
		m["permissions"] = strconv.FormatUint(g.may(userID), 10)
	}
	return m
}

// getMember is GET /guilds/{guild}/members/{user}.
func (s *Server) getMember(r *request) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.guilds[r.PathValue("guild")]
	if g == nil {
		return nil, errUnknownGuild
	}
	u, ok := s.users[r.PathValue("user")]
	if !ok {
		return nil, errUnknownMember
	}
	return g.memberJSON(&u, u.ID, false), nil
}

// getRoles is GET /guilds/{guild}/roles.
func (s *Server) getRoles(r *request) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.guilds[r.PathValue("guild")]
	if g == nil {
		return nil, errUnknownGuild
	}
	return append([]Role{}, g.Roles...), nil
}
