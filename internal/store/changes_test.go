package store_test

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/store/pgtest"
)

// TestChangesReachOthers holds that what one process is taught is heard by
// another at once, also after PostgreSQL was restarted.
func TestChangesReachOthers(t *testing.T) {
	server := pgtest.Start(t, false)
	address := server.Database(t)
	a, b := open(t, address), open(t, address)
	heard := make(chan struct{}, 100)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b.Changes(ctx, time.Hour, func() { heard <- struct{}{} })
	}()
	wait := func(what string) {
		t.Helper()
		select {
		case <-heard:
		case <-time.After(2 * time.Minute):
			t.Fatalf("%s was not heard", what)
		}
	}
	wait("the beginning")
	doc := knowledge.Document{Kind: knowledge.KindArticle, ID: "taught-x.de", Hash: "1", Body: []byte("{}")}
	if err := a.Teach(t.Context(), []knowledge.Document{doc}); err != nil {
		t.Fatal(err)
	}
	wait("the article")
	if _, err := a.Unteach(t.Context(), "taught-x"); err != nil {
		t.Fatal(err)
	}
	wait("its end")
	stop()
	<-ended

	// Without a connection the interval does it.
	ctx, stop = context.WithCancel(t.Context())
	ended = make(chan struct{})
	go func() {
		defer close(ended)
		b.Changes(ctx, 20*time.Millisecond, func() {
			select {
			case heard <- struct{}{}:
			default:
			}
		})
	}()
	wait("the second beginning")
	server.Stop(syscall.SIGQUIT)
	for len(heard) > 0 {
		<-heard
	}
	wait("a poll without a server")
	if err := server.Run(); err != nil {
		t.Fatal(err)
	}
	wait("a poll after the restart")
	stop()
	<-ended
}
