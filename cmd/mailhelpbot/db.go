package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/store"
)

// runDB moves, backs up, restores and checks the database.
func runDB(ctx context.Context, in *invocation) error {
	if err := in.parse(); err != nil {
		return err
	}
	if len(in.args) == 0 {
		return usagef("copy, backup, restore or check?")
	}
	name, args := in.args[0], in.args[1:]
	for _, c := range []struct {
		name string
		args int
		run  func(context.Context, *invocation, []string) error
		want string
	}{
		{"copy", 2, dbCopy, "copy FROM TO, each a file or postgres://…"},
		{"backup", 1, dbBackup, "backup FILE"},
		{"restore", 1, dbRestore, "restore FILE"},
		{"check", 0, dbCheck, "check"},
	} {
		if c.name != name {
			continue
		}
		if len(args) != c.args {
			return usagef("%s", c.want)
		}
		return in.explainStore(c.run(ctx, in, args))
	}
	return usagef("unknown: %q. There are copy, backup, restore and check", name)
}

// explainStore makes errors that a person must mend ones of wrong use.
func (in *invocation) explainStore(err error) error {
	for _, kind := range []error{store.ErrNewer, store.ErrForeign, store.ErrSetting, store.ErrServed, store.ErrNotEmpty, os.ErrExist, os.ErrNotExist} {
		if errors.Is(err, kind) {
			return fmt.Errorf("%w: %w", errUsage, err)
		}
	}
	return err
}

// dbCopy copies one database into another, which is made if it is a file. A
// bot that serves one of the files must be stopped first.
func dbCopy(ctx context.Context, in *invocation, args []string) error {
	from, err := store.OpenAsIs(ctx, args[0])
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := store.Open(ctx, args[1], time.Now())
	if err != nil {
		return err
	}
	defer to.Close()
	for _, s := range []*store.Store{from, to} {
		if err := s.Serve(); err != nil {
			return fmt.Errorf("%w. Stop it first, or use “mailhelpbot db backup”", err)
		}
	}
	sums, err := from.CopyTo(ctx, to)
	if err != nil {
		return err
	}
	fmt.Fprintf(in.out, "%s copied to %s and compared: %s\n", from.Path(), to.Path(), rowsOf(sums))
	return nil
}

func dbBackup(ctx context.Context, in *invocation, args []string) error {
	s, err := store.OpenAsIs(ctx, in.env.DB)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Backup(ctx, args[0]); err != nil {
		return err
	}
	fmt.Fprintf(in.out, "%s backed up to %s\n", s.Path(), args[0])
	return nil
}

func dbRestore(ctx context.Context, in *invocation, args []string) error {
	if _, err := os.Stat(args[0]); err != nil {
		return err
	}
	aside, err := store.Restore(ctx, args[0], in.env.DB, time.Now())
	if err != nil {
		return err
	}
	fmt.Fprintf(in.out, "%s restored from %s\n", store.Shown(in.env.DB), args[0])
	if aside != "" {
		fmt.Fprintf(in.out, "what was there is kept as %s\n", aside)
	}
	return nil
}

func dbCheck(ctx context.Context, in *invocation, _ []string) error {
	s, err := store.OpenAsIs(ctx, in.env.DB)
	if err == nil {
		defer s.Close()
		var sums []store.TableSum
		if sums, err = s.Check(ctx); err == nil {
			fmt.Fprintf(in.out, "%s is whole: %s\n", s.Path(), rowsOf(sums))
			for _, t := range sums {
				fmt.Fprintf(in.out, "  %-14s %8d\n", t.Table, t.Rows)
			}
			return nil
		}
	}
	if err = in.explainStore(err); errors.Is(err, errUsage) {
		return err
	}
	fmt.Fprintf(in.out, "%s: %v\n  Restore a backup with: mailhelpbot db restore FILE\n", store.Shown(in.env.DB), err)
	return statusError(exitFailure)
}

func rowsOf(sums []store.TableSum) string {
	var n int64
	for _, t := range sums {
		n += t.Rows
	}
	return fmt.Sprintf("%d rows in %d tables", n, len(sums))
}
