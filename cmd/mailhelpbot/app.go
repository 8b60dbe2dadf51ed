package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/match"
	"github.com/mailhelpbot/mailhelpbot/internal/store"
)

// app is what the commands share: store, knowledge and bot, wired.
type app struct {
	store *store.Store
	bot   *bot.Bot
	log   *slog.Logger

	metrics *metrics // of a service, else nil
	boxes   *inboxes // of serve
}

// open wires the program with the whole knowledge, or with records of the
// given kinds alone, which is quicker. A database that cannot be written is
// replaced by one in memory, with a warning: answering matters more than
// remembering.
func (in *invocation) open(ctx context.Context, kinds ...knowledge.Kind) (*app, error) {
	defer debug.SetGCPercent(debug.SetGCPercent(loadGC))
	st, err := in.openStore(ctx)
	if err != nil {
		return nil, err
	}
	book, err := in.book(ctx, st, kinds...)
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	a, err := in.wire(st, book)
	if err != nil || len(kinds) > 0 {
		return a, err
	}
	// What was taught in chat lies in the database alone, also when the rest
	// had to be read from files.
	if err := a.bot.Refresh(ctx); err != nil {
		a.log.Error("taught articles not read", "err", err)
	}
	return a, nil
}

// wire makes the app of an open store, which it closes when it fails.
func (in *invocation) wire(st *store.Store, book *knowledge.Book) (*app, error) {
	a := &app{store: st, log: newLogger(in.err, in.env.LogFormat)}
	prober, err := in.env.prober()
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	prober.Panicked = func(v any) { bot.LogPanic(a.log, v) }
	a.bot = &bot.Bot{Store: st, Prober: prober, Now: time.Now, Log: a.log}
	a.bot.Finder = bot.NewFinder(prober, a.bot.Book)
	a.bot.Learn(book, a.matcher(book))
	return a, nil
}

// loadGC is the garbage collector's percentage while the knowledge is read,
// which makes little but lasting values: with the usual 100 the collector would
// run many times over a heap that only grows; more than 200 saves no time worth
// the memory.
const loadGC = 200

// matcher returns a matcher whose model is trained once per state of the knowledge.
func (a *app) matcher(book *knowledge.Book) *match.Matcher {
	const key = "model"
	m := match.New(book)
	m.Keep(func() []byte {
		b, err := a.store.Cached(context.Background(), key)
		if err != nil {
			a.log.Warn("model not read", "err", err)
		}
		return b
	}, func(b []byte) {
		if err := a.store.Cache(context.Background(), key, b); err != nil {
			a.log.Warn("model not saved", "err", err)
		}
	})
	return m
}

func (a *app) Close() error { return a.store.Close() }

// openStore opens the database. What a person must mend is an error; a file
// that cannot be used, or a server that cannot be reached, is replaced by memory.
func (in *invocation) openStore(ctx context.Context) (*store.Store, error) {
	st, err := store.Open(ctx, in.env.DB, time.Now())
	shown := store.Shown(in.env.DB)
	switch {
	case err == nil:
		if aside := st.SetAside(); aside != "" {
			fmt.Fprintf(in.err, "mailhelpbot: %s was damaged. It is kept as %s, a new one was made.\n", shown, aside)
		}
		return st, nil
	case errors.Is(err, store.ErrNewer):
		return nil, usagef("%v. Update mailhelpbot, or name another database with --db or MAILHELPBOT_DB.", err)
	case errors.Is(err, store.ErrForeign):
		return nil, usagef("%v. Name another database with --db or MAILHELPBOT_DB.", err)
	case errors.Is(err, store.ErrSetting):
		return nil, usagef("%v. Correct it in --db or MAILHELPBOT_DB: postgres://user:password@host:5432/database.", err)
	}
	fmt.Fprintf(in.err, "mailhelpbot: %s cannot be used (%v). Answering from memory: nothing will be remembered. Name a writable file with --db or MAILHELPBOT_DB.\n", shown, err)
	return store.Open(ctx, store.Memory, time.Now())
}

// awaitServer waits until a database server that is about to start, as after a
// power cut, takes connections: several processes that answered from memory
// would answer several times. Other errors are left to openStore.
func (in *invocation) awaitServer(ctx context.Context) error {
	if !store.IsPostgres(in.env.DB) {
		return nil
	}
	end := time.Now().Add(awaitFor)
	for {
		st, err := store.Open(ctx, in.env.DB, time.Now())
		switch {
		case err == nil:
			return st.Close()
		case !errors.Is(err, store.ErrUnreachable):
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case time.Now().After(end):
			return err
		}
		fmt.Fprintf(in.err, "mailhelpbot: %v. Trying again for %s.\n", err, time.Until(end).Round(time.Second))
		select {
		case <-ctx.Done():
		case <-time.After(awaitEvery):
		}
	}
}

// How long serve waits for a database server at its start.
const (
	awaitFor   = 2 * time.Minute
	awaitEvery = 3 * time.Second
)

// book returns the knowledge: out of the database when the shipped files and
// the operator's folder have not changed since, otherwise from the files.
func (in *invocation) book(ctx context.Context, st *store.Store, kinds ...knowledge.Kind) (*knowledge.Book, error) {
	hash, own, err := in.knowledgeHash()
	if err != nil {
		return nil, err
	}
	in.ownHash = own
	known, docs, err := st.Knowledge(ctx, hash, kinds...)
	if err != nil {
		return nil, err
	}
	if known {
		// What was taught in chat holds where it was taught; see bot.Refresh.
		docs = slices.DeleteFunc(docs, func(d knowledge.Document) bool { return d.Origin == knowledge.OriginTaught })
		if facts, err := knowledge.FactsFromDocuments(docs); err == nil {
			return knowledge.NewBook(facts), nil
		}
	}
	facts, err := in.loadFiles()
	if err != nil {
		return nil, err
	}
	if err := st.SaveKnowledge(ctx, hash, facts.Documents()); err != nil {
		fmt.Fprintf(in.err, "mailhelpbot: the knowledge was not saved to %s: %v\n", st.Path(), err)
	}
	return knowledge.NewBook(facts), nil
}

// knowledgeHash tells the state of all files, and that of the operator's folder.
func (in *invocation) knowledgeHash() (all, own string, err error) {
	all, err = knowledge.HashFS(knowledge.Seed())
	if err != nil || in.env.Knowledge == "" {
		return all, "", err
	}
	if own, err = knowledge.HashFS(os.DirFS(in.env.Knowledge)); err != nil {
		return "", "", usagef("--knowledge: %v", err)
	}
	return all + "+" + own, own, nil
}

// loadFiles reads the shipped files and the operator's folder. A broken record
// of the operator is left out and named; a broken shipped one is a fault of the build.
func (in *invocation) loadFiles() (knowledge.Facts, error) {
	facts, problems := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	if err := firstError(problems); err != nil {
		return facts, err
	}
	if in.env.Knowledge == "" {
		return facts, nil
	}
	own, problems := knowledge.Load(os.DirFS(in.env.Knowledge), knowledge.OriginOperator, facts)
	for _, p := range problems {
		fmt.Fprintln(in.err, "mailhelpbot: knowledge:", p)
	}
	return facts.Merge(own), nil
}

func firstError(problems []knowledge.Problem) error {
	for _, p := range problems {
		if p.Severity == knowledge.SeverityError {
			return errors.New(p.String())
		}
	}
	return nil
}

func (s settings) prober() (*diagnose.Prober, error) {
	p := &diagnose.Prober{Resolver: s.Resolver, Policy: diagnose.Policy{Allow: s.ProbeAllow, Deny: s.ProbeDeny}}
	if u, err := url.Parse(s.PublicURL); err == nil && u.Hostname() != "" {
		p.OwnNames = []string{u.Hostname()}
	}
	if s.ProbeRoots == "" {
		return p, nil
	}
	pem, err := os.ReadFile(s.ProbeRoots)
	if err != nil {
		return nil, usagef("MAILHELPBOT_PROBE_ROOTS: %v", err)
	}
	if p.MoreRoots = x509.NewCertPool(); !p.MoreRoots.AppendCertsFromPEM(pem) {
		return nil, usagef("MAILHELPBOT_PROBE_ROOTS: %s holds no certificate in PEM form", s.ProbeRoots)
	}
	return p, nil
}

func newLogger(w io.Writer, format string) *slog.Logger {
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}
