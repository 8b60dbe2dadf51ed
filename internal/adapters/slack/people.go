package slack

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

var _ bot.Directory = (*Adapter)(nil)

// standingLife is how long an answer about a person is kept: who is made an
// admin need not wait long, and who no longer is one does no harm for so long.
const standingLife = 2 * time.Minute

// Standing implements bot.Directory: workspace admins and owners administer,
// and groups are user groups. A group that is gone has no members.
func (a *Adapter) Standing(ctx context.Context, _, user string, groups []string) (bot.Standing, error) {
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	admin, err := a.known(ctx, "person "+user, func(ctx context.Context) (string, error) {
		u, err := a.api.GetUserInfoContext(ctx, user)
		if err != nil || !u.IsAdmin && !u.IsOwner || u.Deleted {
			return "", err
		}
		return user, nil
	})
	if err != nil {
		return bot.Standing{}, a.told(err)
	}
	st := bot.Standing{Admin: admin == user}
	for _, g := range groups {
		if st.Admin || !groupID.MatchString(g) {
			continue
		}
		members, err := a.known(ctx, "group "+g, func(ctx context.Context) (string, error) {
			ids, err := a.api.GetUserGroupMembersContext(ctx, g)
			switch errorCode(err) {
			case "no_such_subteam", "subteam_disabled", "invalid_arguments":
				return "", nil
			}
			return strings.Join(ids, " "), err
		})
		if err != nil {
			return st, a.told(err)
		}
		if slices.Contains(strings.Fields(members), user) {
			st.Groups = append(st.Groups, g)
		}
	}
	return st, nil
}

// known asks for something unless the answer is still known.
func (a *Adapter) known(ctx context.Context, key string, ask func(context.Context) (string, error)) (string, error) {
	if v, ok := a.standings.get(key, a.cfg.Now()); ok {
		return v, nil
	}
	var v string
	err := a.calmly(ctx, func() (err error) {
		v, err = ask(ctx)
		return err
	})
	if err != nil {
		a.log.Debug("standing unknown", "code", errorCode(err))
		return "", err
	}
	a.standings.put(key, v, a.cfg.Now())
	return v, nil
}

// told is an error as the bot knows it: a refusal of Slack's, or that nothing is known.
func (a *Adapter) told(err error) error {
	if errorCode(err) == "" {
		return err
	}
	return a.refusal(err)
}
