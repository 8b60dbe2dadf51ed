package slack

import (
	"context"
	"slices"
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
	admin, err := a.once(ctx, "admin "+user, func(ctx context.Context) (bool, error) {
		u, err := a.api.GetUserInfoContext(ctx, user)
		return err == nil && (u.IsAdmin || u.IsOwner) && !u.Deleted, err
	})
	if err != nil {
		return bot.Standing{}, a.told(err)
	}
	st := bot.Standing{Admin: admin}
	if admin {
		return st, nil
	}
	for _, g := range groups {
		if !groupID.MatchString(g) {
			continue
		}
		in, err := a.once(ctx, "group "+g+" "+user, func(ctx context.Context) (bool, error) {
			members, err := a.api.GetUserGroupMembersContext(ctx, g)
			switch errorCode(err) {
			case "no_such_subteam", "subteam_disabled", "invalid_arguments":
				return false, nil
			}
			return slices.Contains(members, user), err
		})
		if err != nil {
			return st, a.told(err)
		}
		if in {
			st.Groups = append(st.Groups, g)
		}
	}
	return st, nil
}

// once asks for something about a person unless the answer is still known.
func (a *Adapter) once(ctx context.Context, key string, ask func(context.Context) (bool, error)) (bool, error) {
	if v, ok := a.standings.get(key, a.cfg.Now()); ok {
		return v == "yes", nil
	}
	var yes bool
	err := a.calmly(ctx, func() (err error) {
		yes, err = ask(ctx)
		return err
	})
	if err != nil {
		a.log.Debug("standing unknown", "code", errorCode(err))
		return false, err
	}
	v := "no"
	if yes {
		v = "yes"
	}
	a.standings.put(key, v, a.cfg.Now())
	return yes, nil
}

// told is an error as the bot knows it: a refusal of Slack's, or that nothing is known.
func (a *Adapter) told(err error) error {
	if errorCode(err) == "" {
		return err
	}
	return a.refusal(err)
}
