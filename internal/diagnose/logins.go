package diagnose

import (
	"context"
	"encoding/hex"
	"time"
)

// Logins counts the logins to accounts over several processes. An account is
// named by a hash. All methods may be called concurrently.
type Logins interface {
	// BeginLogin reports whether a login may be tried now; then EndLogin must follow.
	BeginLogin(ctx context.Context, account string, r LoginRates) (bool, error)
	// EndLogin tells how it ended.
	EndLogin(ctx context.Context, account string, r LoginRates, refused bool) error
}

// LoginRates are the limits on the logins to one account.
type LoginRates struct {
	Max      int           // logins
	Within   time.Duration // this time
	HoldBack time.Duration // pause after a refused one
	Takes    time.Duration // a login that has not ended by then never will
}

// loginRates are those of every Prober. A run has ended within a minute,
// whatever its budget.
var loginRates = LoginRates{Max: maxLogins, Within: loginsWithin, HoldBack: holdBack, Takes: time.Minute}

// beginLogin asks the guard of this process, and then that of all. Where the
// latter cannot be asked the own one must do.
func (p *Prober) beginLogin(ctx context.Context, key [32]byte) bool {
	if !p.guard.begin(key, p.now()) {
		return false
	}
	if p.Logins == nil {
		return true
	}
	ok, err := p.Logins.BeginLogin(ctx, hex.EncodeToString(key[:]), loginRates)
	if err == nil && !ok {
		p.guard.cancel(key)
		return false
	}
	return true
}

// endLogin tells both how a login ended.
func (p *Prober) endLogin(key [32]byte, refused bool) {
	p.guard.end(key, refused, p.now())
	if p.Logins != nil {
		// Not told, the login counts as under way for a minute, and as tried.
		_ = p.Logins.EndLogin(context.Background(), hex.EncodeToString(key[:]), loginRates, refused)
	}
}
