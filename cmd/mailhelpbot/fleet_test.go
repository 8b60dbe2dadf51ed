package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
)

// fleet is a number of real processes of the built program, all on one
// database and one chat platform.
type fleet struct {
	t   *testing.T
	bin string
	dir string // where the processes run
	env []string
	log *os.File

	mu    sync.Mutex
	procs []*exec.Cmd // nil where one was killed
}

// TestMain lets more tests run side by side than there are processors, since
// those that are parallel wait for processes, networks and pauses most of the time.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	var err error
	if fleetDir, err = os.MkdirTemp("", "mailhelpbot"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(fleetDir)
	os.Exit(code)
}

// fleetDir holds the program that the fleets run, which is built once for all of them.
var fleetDir string

var buildFleet = sync.OnceValues(func() (string, error) {
	bin := filepath.Join(fleetDir, "mailhelpbot")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return bin, nil
})

// newFleet prepares procs processes of the program, to be started with env.
func newFleet(t *testing.T, procs int, env ...string) *fleet {
	t.Helper()
	bin, err := buildFleet()
	if err != nil {
		t.Fatal(err)
	}
	f := &fleet{t: t, bin: bin, dir: t.TempDir(), env: env, procs: make([]*exec.Cmd, procs)}
	if f.log, err = os.Create(filepath.Join(f.dir, "log")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for i := range f.procs {
			f.kill(i)
		}
		if t.Failed() {
			f.tail()
		}
		f.log.Close()
	})
	return f
}

// tail shows the end of what the processes logged.
func (f *fleet) tail() {
	log, err := os.Open(f.log.Name())
	if err != nil {
		return
	}
	defer log.Close()
	var last []string
	for sc := bufio.NewScanner(log); sc.Scan(); {
		if last = append(last, sc.Text()); len(last) > 60 {
			last = last[1:]
		}
	}
	for _, l := range last {
		f.t.Log(l)
	}
}

// start runs process i.
func (f *fleet) start(i int) {
	cmd := exec.Command(f.bin, "serve")
	cmd.Env = append(os.Environ(), f.env...)
	cmd.Dir = f.dir
	cmd.Stdout, cmd.Stderr = f.log, f.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		f.t.Error(err)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.procs[i] = cmd
}

// end sends process i a signal and waits until it is gone.
func (f *fleet) end(i int, sig syscall.Signal) error {
	f.mu.Lock()
	cmd := f.procs[i]
	f.procs[i] = nil
	f.mu.Unlock()
	if cmd == nil {
		return nil
	}
	_ = cmd.Process.Signal(sig) // it may have ended by itself; Wait tells
	return cmd.Wait()
}

func (f *fleet) kill(i int) { _ = f.end(i, syscall.SIGKILL) } // that it was killed is the purpose

// workspace is a Slack whose time runs as fast as ours, also after a test has
// moved it on: where it stood still until ours had caught up, Slack's rate
// limits would hold back what is still to be posted.
func workspace(t *testing.T, channels int) *fakeslack.Server {
	t.Helper()
	clock := fakeslack.NewClock(time.Now())
	s, err := fakeslack.Start(fakeslack.Options{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for last := time.Now(); ctx.Err() == nil; {
			<-tick.C
			now := time.Now()
			clock.Advance(now.Sub(last))
			last = now
		}
	})
	t.Cleanup(func() {
		cancel()
		wg.Wait()
		s.Close()
	})
	members := []string{fakeslack.BotUserID}
	for i := range channels {
		user := fmt.Sprintf("U%05d", i)
		s.AddUser(fakeslack.User{ID: user, Name: user, Locale: "de-DE"})
		members = append(members, user)
	}
	for i := range channels {
		s.AddChannel(fakeslack.Channel{ID: fmt.Sprintf("C%05d", i), Name: fmt.Sprint("c", i), Members: members})
	}
	return s
}

func slackEnv(s *fakeslack.Server, db string) []string {
	return []string{
		"SLACK_BOT_TOKEN=" + s.BotToken(), "SLACK_APP_TOKEN=" + s.AppToken(), "SLACK_API_URL=" + s.APIURL(),
		"MAILHELPBOT_DB=" + db, "MAILHELPBOT_PROBE_ALLOW=127.0.0.0/8",
	}
}
