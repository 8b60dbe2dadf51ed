package bot

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"sync"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
)

// Limits of login tests on the one-time page.
const (
	loginLives   = 10 * time.Minute
	maxMistakes  = 5   // wrong codes and refused addresses before a link is void
	maxLogins    = 500 // links that are open at the same time, over all people
	loginsOfOne  = 3   // and of one person; a further one voids the oldest
	tokenBytes   = 32  // 256 bits
	codeDigits   = 6
	maxTokenText = 64
)

// logins are the login tests that were offered and not used yet. They live in
// memory only: a restart voids all links, and each is good at the process that
// gave it out. The zero value is ready.
type logins struct {
	mu   sync.Mutex
	open map[[32]byte]*loginTest // by the hash of the token; the token itself is kept nowhere
}

// loginTest is one test that waits for its form. Its fields do not change, but
// for mistakes, which logins.mu guards.
type loginTest struct {
	key      [32]byte
	code     string
	from     Message // who asked, and where the result goes
	lang     Lang
	query    query
	target   diagnose.Target
	report   *diagnose.Report // of the probe without a login
	until    time.Time
	mistakes int
}

// issue opens a test and returns its token.
func (l *logins) issue(t *loginTest, now time.Time, random io.Reader) (token string, err error) {
	if random == nil {
		random = rand.Reader
	}
	raw := make([]byte, tokenBytes)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", err
	}
	n, err := rand.Int(random, big.NewInt(1_000_000))
	if err != nil {
		return "", err
	}
	token = base64.RawURLEncoding.EncodeToString(raw)
	t.key, t.code, t.until = sha256.Sum256([]byte(token)), fmt.Sprintf("%0*d", codeDigits, n), now.Add(loginLives)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget(now)
	for l.count(t.from) >= loginsOfOne {
		l.dropOldest(&t.from)
	}
	for len(l.open) >= maxLogins {
		l.dropOldest(nil)
	}
	if l.open == nil {
		l.open = map[[32]byte]*loginTest{}
	}
	l.open[t.key] = t
	return token, nil
}

// find returns the open test of a token, nil when there is none: it never was,
// is used up, or too old. It changes nothing.
func (l *logins) find(token string, now time.Time) *loginTest {
	if len(token) > maxTokenText {
		return nil
	}
	key := sha256.Sum256([]byte(token))
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.open[key]
	if t == nil || !now.Before(t.until) {
		return nil
	}
	return t
}

// rightCode reports whether code is the one that the asker was shown. A wrong
// one counts as a mistake.
func (l *logins) rightCode(t *loginTest, code string) bool {
	if subtle.ConstantTimeCompare([]byte(code), []byte(t.code)) == 1 {
		return true
	}
	l.mistake(t)
	return false
}

// mistake counts a refused form; too many void the link.
func (l *logins) mistake(t *loginTest) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.mistakes++; t.mistakes >= maxMistakes {
		delete(l.open, t.key)
	}
}

// claim uses a test up. Of several that try, one gets true.
func (l *logins) claim(t *loginTest, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[t.key] != t || !now.Before(t.until) {
		return false
	}
	delete(l.open, t.key)
	return true
}

func (l *logins) forget(now time.Time) {
	for k, t := range l.open {
		if !now.Before(t.until) {
			delete(l.open, k)
		}
	}
}

func (l *logins) count(from Message) (n int) {
	for _, t := range l.open {
		if t.by(from) {
			n++
		}
	}
	return n
}

// dropOldest voids the oldest link, of one person or of all.
func (l *logins) dropOldest(of *Message) {
	var oldest *loginTest
	for _, t := range l.open {
		if (of == nil || t.by(*of)) && (oldest == nil || t.until.Before(oldest.until)) {
			oldest = t
		}
	}
	if oldest != nil {
		delete(l.open, oldest.key)
	}
}

// by reports whether the person who sent m asked for the test.
func (t *loginTest) by(m Message) bool {
	return t.from.Platform == m.Platform && t.from.Tenant == m.Tenant && t.from.User == m.User
}
