package bot

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"strings"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/discover"
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

// loginTest is one test that waits for its form, or for the end of a sign-in.
type loginTest struct {
	token    string // "" of a device flow, which waits here
	key      [32]byte
	code     string
	from     Message // who asked, and where the result goes
	lang     Lang
	query    query
	target   diagnose.Target
	servers  []LoginServer // as the page shows them
	verifier string        // of a sign-in in the browser (RFC 7636)
	issuer   string        // where that is
	until    time.Time
}

// loginRecord is a loginTest as it is kept, sealed under its token.
type loginRecord struct {
	Code, Verifier, Issuer            string
	Platform, Tenant, Channel, Thread string
	User, Name, Lang                  string
	Kind                              Kind
	Direct                            bool
	Target                            diagnose.Target
	Servers                           []LoginServer
	Query                             query  // without what is not its own
	Provider, Behind                  string // ids
	Outdated                          *knowledge.Server
	Found                             *discover.Result
	Until                             time.Time
}

func (t *loginTest) record() loginRecord {
	r := loginRecord{
		Code: t.code, Verifier: t.verifier, Issuer: t.issuer,
		Platform: t.from.Platform, Tenant: t.from.Tenant, Channel: t.from.Channel, Thread: t.from.Thread,
		User: t.from.User, Name: t.from.Name, Lang: t.lang, Kind: t.from.Kind, Direct: t.from.Direct,
		Target: t.target, Servers: t.servers, Query: t.query, Outdated: t.query.Outdated, Found: t.query.Found, Until: t.until,
	}
	if p := t.query.Provider; p != nil {
		r.Provider = p.ID
	}
	if p := t.query.Behind; p != nil {
		r.Behind = p.ID
	}
	r.Target.Login = nil
	r.Query.Provider, r.Query.Behind, r.Query.Outdated, r.Query.Found = nil, nil, nil, nil
	return r
}

// test is the reverse of record. ok is false when a provider is known no more.
func (r loginRecord) test(book *knowledge.Book, token string) (t *loginTest, ok bool) {
	t = &loginTest{
		token: token, key: sha256.Sum256([]byte(token)), code: r.Code, verifier: r.Verifier, issuer: r.Issuer,
		from: Message{
			Platform: r.Platform, Tenant: r.Tenant, Channel: r.Channel, Thread: r.Thread,
			User: r.User, Name: r.Name, Lang: r.Lang, Kind: r.Kind, Direct: r.Direct,
		},
		lang: r.Lang, query: r.Query, target: r.Target, servers: r.Servers, until: r.Until,
	}
	t.query.Outdated, t.query.Found = r.Outdated, r.Found
	t.query.Provider, t.query.Behind = book.Provider(r.Provider), book.Provider(r.Behind)
	return t, (r.Provider == "" || t.query.Provider != nil) && (r.Behind == "" || t.query.Behind != nil)
}

// offer keeps a test under a token until its time.
func (b *Bot) offer(ctx context.Context, kind, token string, t *loginTest, mine int) error {
	now := b.Now()
	t.token, t.key, t.until = token, sha256.Sum256([]byte(token)), now.Add(loginLives)
	value, err := json.Marshal(t.record())
	if err != nil {
		return err
	}
	who := Person{Platform: t.from.Platform, Tenant: t.from.Tenant, User: t.from.User}
	return b.Store.OfferLink(ctx, token, OneTimeLink{Kind: kind, For: who, Value: value, Made: now, Ends: t.until}, mine, maxLogins)
}

// issue opens a test and returns its token.
func (b *Bot) issue(ctx context.Context, t *loginTest) (token string, err error) {
	random := b.Rand
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
	token, t.code = base64.RawURLEncoding.EncodeToString(raw), fmt.Sprintf("%0*d", codeDigits, n)
	return token, b.offer(ctx, LinkForm, token, t, loginsOfOne)
}

// opened returns the open test of a token of that kind; LoginGone when there is
// none: it never was, is used up, or too old. It changes nothing.
func (b *Bot) opened(ctx context.Context, kind, token string) (*loginTest, LoginProblem) {
	if len(token) > maxTokenText {
		return nil, LoginGone
	}
	value, err := b.Store.Link(ctx, token, maxMistakes, b.Now())
	if err != nil {
		b.Log.Error("a one-time link was not read", "err", err)
		return nil, LoginTrouble
	}
	var r loginRecord
	if value == nil || json.Unmarshal(value, &r) != nil {
		return nil, LoginGone
	}
	t, ok := r.test(b.Book(), token)
	if !ok || (t.issuer == "") != (kind == LinkForm) {
		return nil, LoginGone
	}
	return t, ""
}

// rightCode reports whether code is the one that the asker was shown. A wrong
// one counts as a mistake: the try is counted first, so that many at once get
// no more than the limit.
func (b *Bot) rightCode(ctx context.Context, t *loginTest, code string) LoginProblem {
	if code = strings.ReplaceAll(code, " ", ""); len(code) != codeDigits { // who sends half a code has guessed nothing
		return LoginCode
	}
	if problem := b.mistake(ctx, t, 1); problem != "" {
		return problem
	}
	if subtle.ConstantTimeCompare([]byte(code), []byte(t.code)) != 1 {
		return LoginCode
	}
	return b.mistake(ctx, t, -1)
}

// mistake adds n to the refused forms of a test; too many void the link.
func (b *Bot) mistake(ctx context.Context, t *loginTest, n int) LoginProblem {
	switch ok, err := b.Store.CountLink(ctx, t.token, n, maxMistakes); {
	case err != nil:
		b.Log.Error("a mistake was not counted", "err", err)
		return LoginTrouble
	case !ok:
		return LoginGone
	}
	return ""
}

// claim uses a test up.
func (b *Bot) claim(ctx context.Context, token string) LoginProblem {
	switch mine, err := b.Store.TakeLink(ctx, token, b.Now()); {
	case err != nil:
		b.Log.Error("a one-time link was not used up", "err", err)
		return LoginTrouble
	case !mine:
		return LoginGone
	}
	return ""
}
