package main

import (
	"context"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/store"
)

// checkDatabase opens the database as the bot does.
func checkDatabase(ctx context.Context, d *doctor) []finding {
	shown := store.Shown(d.in.env.DB)
	st, err := store.Open(ctx, d.in.env.DB, d.now())
	if err != nil {
		return []finding{d.bad(failure, "db", "unusable", "path", shown, "why", err.Error())}
	}
	defer st.Close()
	switch aside := st.SetAside(); {
	case aside != "":
		return []finding{d.bad(failure, "db", "damaged", "path", shown, "aside", aside)}
	case st.Ping() != nil:
		return []finding{d.bad(failure, "db", "unusable", "path", shown, "why", st.Ping().Error())}
	case d.in.env.DB != store.Memory && !store.IsPostgres(d.in.env.DB):
		if info, err := os.Stat(d.in.env.DB); err == nil && info.Mode().Perm()&0o077 != 0 {
			return []finding{d.bad(warning, "db", "open", "path", shown)}
		}
	}
	return []finding{d.ok("db", "path", shown)}
}

// How much room the database wants. It grows by some megabytes a month; a full
// disk leaves the bot answering from memory.
const (
	fewBytes    = 500 << 20
	tooFewBytes = 50 << 20
)

// checkDisk looks at the disk that the database lies on.
func checkDisk(_ context.Context, d *doctor) []finding {
	db := d.in.env.DB
	if d.free == nil || db == store.Memory || store.IsPostgres(db) {
		return nil
	}
	dir := filepath.Dir(db)
	n, err := d.free(dir)
	if err != nil {
		return nil // the database check has said what is wrong with the folder
	}
	pairs := []string{"path", dir, "free", fmt.Sprintf("%d MB", n>>20)}
	switch {
	case n < tooFewBytes:
		return []finding{d.bad(failure, "disk", "full", pairs...)}
	case n < fewBytes:
		return []finding{d.bad(warning, "disk", "full", pairs...)}
	}
	return []finding{d.ok("disk", pairs...)}
}

// checkKnowledge reads the operator's folder.
func checkKnowledge(_ context.Context, d *doctor) []finding {
	dir := d.in.env.Knowledge
	if dir == "" {
		return []finding{d.ok("kb.shipped")}
	}
	shipped, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	if err := firstError(knowledge.Check(os.DirFS(dir), shipped)); err != nil {
		return []finding{d.bad(failure, "kb", "wrong", "path", dir, "why", err.Error())}
	}
	return []finding{d.ok("kb", "path", dir)}
}

// checkRoots looks for certificate authorities to trust.
func checkRoots(_ context.Context, d *doctor) []finding {
	if _, err := d.in.env.prober(); err != nil {
		return []finding{d.bad(failure, "roots", "file", "why", trimUsage(err))}
	}
	pool, err := x509.SystemCertPool()
	if err != nil || pool.Equal(x509.NewCertPool()) {
		return []finding{d.bad(failure, "roots", "none")}
	}
	return []finding{d.ok("roots")}
}
