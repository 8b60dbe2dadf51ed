package bot

import (
	"context"
	"errors"
	"slices"
)

// rank is what a person may do.
type rank uint8

const (
	rankAnyone rank = iota
	rankAgent       // belongs to the group that takes over
	rankAdmin       // administers the workspace or guild
)

// rankOf finds out what a person may do. The terminal belongs to the one who
// sits at it.
func (b *Bot) rankOf(ctx context.Context, m Message) (rank, error) {
	if m.Platform == platformConsole || m.Admin {
		return rankAdmin, nil
	}
	group := b.group(ctx, m.Place())
	found := rankAnyone
	if group != "" && slices.Contains(m.Groups, group) {
		found = rankAgent
	}
	dir := b.People[m.Platform]
	if dir == nil {
		return found, nil
	}
	var groups []string
	if group != "" {
		groups = []string{group}
	}
	st, err := dir.Standing(ctx, m.Tenant, m.User, groups)
	switch {
	case err != nil:
		return found, err
	case st.Admin:
		return rankAdmin, nil
	case group != "" && slices.Contains(st.Groups, group):
		return rankAgent, nil
	}
	return found, nil
}

// refuse returns nil when the person may do what needs a rank, else the
// sentence, for the person alone, that says who may: the text of that key, or
// why it cannot be found out.
func (v *view) refuse(ctx context.Context, m Message, need rank, key string) *Answer {
	have, err := v.bot.rankOf(ctx, m)
	if have >= need {
		return nil
	}
	var no *Refused
	a := v.private(key)
	switch {
	case errors.As(err, &no):
		a = no.Notice.Say(v.lang, no.Detail)
	case err != nil:
		v.bot.Log.Warn("standing unknown", "platform", m.Platform, "err", err)
		a = v.private("refuse.unknown")
	}
	return &a
}
