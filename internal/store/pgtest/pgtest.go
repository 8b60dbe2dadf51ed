// Package pgtest runs PostgreSQL for tests: a cluster of its own in a temporary
// folder, on a port of the loopback, gone with the test. It needs Debian's
// postgresql (or the binaries in PATH); the server runs as another user when
// the test runs as root, which PostgreSQL refuses.
package pgtest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver that makes databases

	"github.com/mailhelpbot/mailhelpbot/internal/testaddr"
)

// Password is that of the user mailhelp in every Server.
const Password = "canary-database-password"

// Server is a running PostgreSQL.
type Server struct {
	Addr    string // host:port, kept over restarts
	dir     string
	bin     string
	as      *syscall.Credential
	durable bool
	cmd     *exec.Cmd
	log     *os.File
	made    atomic.Int64
}

// Start makes a cluster and runs it until the test ends. Without PostgreSQL the
// test is skipped, or fails where MAILHELPBOT_CI is set. With durable the
// server waits for the disk as in earnest; otherwise a crash of the machine,
// but not of the server, may lose what it wrote.
func Start(t testing.TB, durable bool) *Server {
	t.Helper()
	bin, err := binaries()
	if err != nil {
		if os.Getenv("MAILHELPBOT_CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	s := &Server{Addr: testaddr.HostPort(t), bin: bin, durable: durable}
	if err := s.init(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Stop(syscall.SIGQUIT)
		s.log.Close()
		os.RemoveAll(s.dir)
	})
	if err := s.Run(); err != nil {
		t.Fatal(err)
	}
	return s
}

// binaries finds the folder with initdb and postgres; Debian keeps them out of PATH.
func binaries() (string, error) {
	if p, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(p), nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is well-formed
	if len(found) == 0 {
		return "", errors.New("no initdb: install PostgreSQL's server")
	}
	return filepath.Dir(found[len(found)-1]), nil
}

func (s *Server) init() (err error) {
	if s.dir, err = os.MkdirTemp("", "pgtest"); err != nil {
		return err
	}
	if os.Getuid() == 0 {
		u, err := user.Lookup("postgres")
		if err != nil {
			if u, err = user.Lookup("nobody"); err != nil {
				return err
			}
		}
		uid, _ := strconv.Atoi(u.Uid) // Unix ids are numbers
		gid, _ := strconv.Atoi(u.Gid)
		s.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(s.dir, uid, gid); err != nil {
			return err
		}
	}
	if s.log, err = os.Create(filepath.Join(s.dir, "log")); err != nil {
		return err
	}
	password := filepath.Join(s.dir, "password")
	if err := os.WriteFile(password, []byte(Password+"\n"), 0o644); err != nil {
		return err
	}
	initdb := s.command("initdb", "--no-sync", "-D", filepath.Join(s.dir, "data"), "-U", "mailhelp", "--pwfile", password,
		"--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8")
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir = s.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.as}
	return cmd
}

// Run starts the server, again after Stop, and returns when it takes connections.
func (s *Server) Run() error {
	host, port, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return err
	}
	args := []string{
		"-D", filepath.Join(s.dir, "data"), "-c", "listen_addresses=" + host, "-c", "port=" + port,
		"-c", "unix_socket_directories=" + s.dir, "-c", "shared_buffers=32MB", "-c", "max_connections=120",
	}
	if !s.durable {
		args = append(args, "-c", "fsync=off", "-c", "full_page_writes=off")
	}
	s.cmd = s.command("postgres", args...)
	s.cmd.SysProcAttr.Pdeathsig = syscall.SIGQUIT // nothing stays when the test is killed
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		return err
	}
	db, err := sql.Open("pgx", s.URL("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		if err = db.PingContext(ctx); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			log, _ := os.ReadFile(s.log.Name()) // for the message alone
			return fmt.Errorf("PostgreSQL does not start: %w\n%s", err, bytes.TrimSpace(log))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Stop ends the server with a signal: SIGINT in order, SIGQUIT as in a crash
// (its next start recovers from the log). It returns when the server is gone.
func (s *Server) Stop(sig syscall.Signal) {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(sig) // it may be gone already
	_ = s.cmd.Wait()              // that it was killed is no news
	s.cmd = nil
}

// Database makes an empty database and returns its URL.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	db, err := sql.Open("pgx", s.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	name := fmt.Sprintf("test%d", s.made.Add(1))
	if _, err := db.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	return s.URL(name)
}

// URL is the address of a database in the server.
func (s *Server) URL(database string) string {
	return "postgres://mailhelp:" + Password + "@" + s.Addr + "/" + database + "?sslmode=disable"
}
