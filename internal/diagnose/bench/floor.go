package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// step is one thing said and how the last line of its answer begins. An empty
// say waits for what the server says by itself.
type step struct{ say, until string }

// script is the shortest conversation with one endpoint.
type script struct {
	port   string
	before []step // before TLS; nil for implicit TLS
	after  []step
	auth   step
}

// scripts are the five endpoints. Dovecot lists its capabilities in the
// greeting of an encrypted connection, so 993 need not ask.
func scripts(plain string) []script {
	return []script{
		{port: "993", after: []step{{"", "* OK"}}, auth: step{"a AUTHENTICATE PLAIN " + plain, "a OK"}},
		{port: "995", after: []step{{"", "+OK"}, {"CAPA", "."}}, auth: step{"AUTH PLAIN " + plain, "+OK"}},
		{port: "465", after: []step{{"", "220 "}, {"EHLO bench", "250 "}}, auth: step{"AUTH PLAIN " + plain, "235 "}},
		{
			port: "587", before: []step{{"", "220 "}, {"EHLO bench", "250 "}, {"STARTTLS", "220 "}},
			after: []step{{"EHLO bench", "250 "}}, auth: step{"AUTH PLAIN " + plain, "235 "},
		},
		{
			port: "143", before: []step{{"", "* OK"}, {"a STARTTLS", "a OK"}},
			after: []step{{"b CAPABILITY", "b OK"}}, auth: step{"c AUTHENTICATE PLAIN " + plain, "c OK"},
		},
	}
}

// floor runs the five conversations side by side.
func floor(host, roots, user, password string, auth bool) error {
	pem, err := os.ReadFile(roots)
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return errors.New("no certificate in " + roots)
	}
	plain := base64.StdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + password))
	start := time.Now()
	addrs, err := net.LookupHost(host)
	if err != nil {
		return err
	}
	var g errgroup.Group
	for _, s := range scripts(plain) {
		if auth {
			s.after = append(s.after, s.auth)
		}
		g.Go(func() error { return s.run(addrs[0], host, pool) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	fmt.Println(time.Since(start).Milliseconds())
	return nil
}

func (s script) run(addr, host string, roots *x509.CertPool) error {
	raw, err := net.DialTimeout("tcp", net.JoinHostPort(addr, s.port), 5*time.Second)
	if err != nil {
		return err
	}
	defer raw.Close()
	if err := raw.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	c := net.Conn(prompt{raw})
	if err := converse(c, s.before); err != nil {
		return fmt.Errorf("port %s: %w", s.port, err)
	}
	c = tls.Client(c, &tls.Config{ServerName: host, RootCAs: roots})
	if err := converse(c, s.after); err != nil {
		return fmt.Errorf("port %s: %w", s.port, err)
	}
	return nil
}

// converse goes through steps.
func converse(c net.Conn, steps []step) error {
	r := bufio.NewReader(c)
	for _, st := range steps {
		if st.say != "" {
			if _, err := io.WriteString(c, st.say+"\r\n"); err != nil {
				return err
			}
		}
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return fmt.Errorf("waiting for %q: %w", st.until, err)
			}
			if strings.HasPrefix(line, st.until) {
				break
			}
		}
	}
	return nil
}

// prompt acknowledges at once what comes after each write; see quickACK in
// package diagnose.
type prompt struct{ net.Conn }

func (p prompt) Write(b []byte) (int, error) {
	n, err := p.Conn.Write(b)
	quickACK(p.Conn)
	return n, err
}
