package diagnose

import (
	"crypto/sha256"
	"strings"
	"sync"
	"time"
)

// Limits on the logins to one account of one provider, over all runs of a
// Prober: providers lock accounts after a few failures, and somebody who tries
// passwords shall not do it through us.
const (
	holdBack     = 15 * time.Minute // pause after a refused login
	maxLogins    = 3                // runs that log in, right or wrong, within loginsWithin
	loginsWithin = time.Hour
)

// loginGuard remembers the logins of all runs of a Prober. It keeps a hash of
// account and provider and times, no password and no name.
type loginGuard struct {
	mu       sync.Mutex
	accounts map[[32]byte]*accountLogins
}

// accountLogins are the logins to one account.
type accountLogins struct {
	failed time.Time // zero: none was refused
	tried  []time.Time
	busy   bool
}

// begin reports whether a login may be tried now; then end must follow.
func (g *loginGuard) begin(key [32]byte, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.forget(now)
	a := g.accounts[key]
	if a == nil {
		a = &accountLogins{}
		if g.accounts == nil {
			g.accounts = map[[32]byte]*accountLogins{}
		}
		g.accounts[key] = a
	}
	if a.busy || len(a.tried) >= maxLogins || !a.failed.IsZero() && now.Sub(a.failed) < holdBack {
		return false
	}
	a.busy = true
	a.tried = append(a.tried, now)
	return true
}

// forget drops what is past its time.
func (g *loginGuard) forget(now time.Time) {
	for k, a := range g.accounts {
		for len(a.tried) > 0 && now.Sub(a.tried[0]) >= loginsWithin {
			a.tried = a.tried[1:]
		}
		if len(a.tried) == 0 && !a.busy {
			delete(g.accounts, k)
		}
	}
}

// cancel takes back a begin after which no login was tried.
func (g *loginGuard) cancel(key [32]byte) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if a := g.accounts[key]; a != nil && a.busy {
		a.busy, a.tried = false, a.tried[:len(a.tried)-1]
	}
}

func (g *loginGuard) end(key [32]byte, refused bool, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	a := g.accounts[key]
	if a == nil {
		return
	}
	a.busy = false
	if refused {
		a.failed = now
	}
}

// loginKey identifies an account at a provider.
func loginKey(t Target) [32]byte {
	where := t.Provider
	if where == "" && len(t.Endpoints) > 0 {
		where = registrable(t.Endpoints[0].Host)
	}
	account := t.Login.Account
	if account == "" {
		account = t.Login.Username
	}
	return sha256.Sum256([]byte(strings.ToLower(account) + "\x00" + strings.ToLower(where)))
}
