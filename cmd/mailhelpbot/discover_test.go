package main

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/mailtest"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/realtest"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
	"github.com/mailhelpbot/mailhelpbot/internal/testaddr"
)

// TestDiscovery plays testdata/discovery/*.txt through the real program, in a
// small internet on loopback. Besides the marks of TestConversations:
//
//   - dns RECORD                     a record; HOST stands for the address of that internet
//   - file URL SERVER, SERVER …      an autoconfig file; a server is "type host port socketType"
//   - mail HOST PORT                 a mail server with a valid certificate
func TestDiscovery(t *testing.T) {
	needPorts(t)
	files, err := filepath.Glob("testdata/discovery/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no conversations: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			turns := readConversation(t, file)
			env := internet(t, file)
			db := filepath.Join(t.TempDir(), "bot.db")
			lang := strings.TrimPrefix(filepath.Ext(t.Name()), ".")
			for i, answer := range converse(t, db, append(env, "LANG="+lang), turns) {
				turns[i].check(t, answer)
			}
		})
	}
}

// needPorts skips a test, or fails it under CI, where the web's and the mail
// ports cannot be bound.
func needPorts(t *testing.T) {
	t.Helper()
	if os.Getuid() == 0 {
		return
	}
	if os.Getenv("MAILHELPBOT_CI") != "" {
		t.Fatal("root is needed to bind ports 443 and 993")
	}
	t.Skip("root is needed to bind ports 443 and 993")
}

// internet starts what the + lines of a file describe, on an address of its
// own, and returns the environment that leads the program there.
func internet(t *testing.T, file string) []string {
	t.Helper()
	addr := testaddr.Host(t)
	ca := mailtest.NewAuthority(time.Now())
	pages := map[string]string{}
	var records []string
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		rest, setup := strings.CutPrefix(strings.TrimSpace(line), "+ ")
		if !setup {
			continue
		}
		kind, rest, _ := strings.Cut(rest, " ")
		switch kind {
		case "dns":
			records = append(records, strings.ReplaceAll(rest, "HOST", addr))
		case "file":
			url, servers, _ := strings.Cut(rest, " ")
			pages[url] = autoconfigFile(strings.Split(servers, ","))
		case "mail":
			startMail(t, ca, addr, rest)
		default:
			t.Fatalf("%s: unknown set-up %q", file, line)
		}
	}
	startWeb(t, ca, addr, pages)
	root := filepath.Join(t.TempDir(), "root.pem")
	if err := os.WriteFile(root, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.RootDER()}), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{
		"MAILHELPBOT_RESOLVER=" + realtest.DNS(t, records...), "MAILHELPBOT_PROBE_ALLOW=" + addr, "MAILHELPBOT_PROBE_ROOTS=" + root,
	}
}

// autoconfigFile makes a file of "type host port socketType".
func autoconfigFile(servers []string) string {
	var b bytes.Buffer
	b.WriteString(`<clientConfig version="1.1"><emailProvider id="x">`)
	for _, s := range servers {
		f := strings.Fields(s)
		tag := "incomingServer"
		if f[0] == "smtp" {
			tag = "outgoingServer"
		}
		fmt.Fprintf(&b, `<%s type="%s"><hostname>%s</hostname><port>%s</port><socketType>%s</socketType><username>%%EMAILADDRESS%%</username><authentication>password-cleartext</authentication></%s>`,
			tag, f[0], f[1], f[2], f[3], tag)
	}
	b.WriteString(`</emailProvider></clientConfig>`)
	return b.String()
}

func startMail(t *testing.T, ca *mailtest.Authority, addr, spec string) {
	t.Helper()
	host, portText, _ := strings.Cut(spec, " ")
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	p, s, _ := mailconf.PortMeaning(uint16(port))
	srv := mailtest.Start(mailtest.Options{Protocol: p, Security: s, Listen: net.JoinHostPort(addr, portText), Host: host, Authority: ca})
	t.Cleanup(srv.Close)
}

// startWeb serves pages by URL, over http and https.
func startWeb(t *testing.T, ca *mailtest.Authority, addr string, pages map[string]string) {
	t.Helper()
	plain, err := net.Listen("tcp", net.JoinHostPort(addr, "80"))
	if err != nil {
		t.Fatal(err)
	}
	secure, err := tls.Listen("tcp", net.JoinHostPort(addr, "443"), &tls.Config{
		GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
			c := ca.Certificate("", h.ServerName)
			return &c, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for scheme, l := range map[string]net.Listener{"http://": plain, "https://": secure} {
		srv := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			page, ok := pages[scheme+r.Host+r.URL.Path]
			if !ok {
				http.NotFound(w, r)
				return
			}
			_, _ = w.Write([]byte(page))
		})}
		go func() { _ = srv.Serve(l) }()
		t.Cleanup(func() { _ = srv.Close() })
	}
}

// TestDiscoveryJSON holds the machine-readable answer for a domain that no list knows.
func TestDiscoveryJSON(t *testing.T) {
	needPorts(t)
	env := internet(t, "testdata/discovery/differ.en.txt")
	db := filepath.Join(t.TempDir(), "bot.db")
	for range 2 { // found, then remembered
		r := cli(t, "", env, "ask", "--json", "--db", db, "/settings anna@differ.example")
		var got struct {
			Settings []struct {
				Protocol, Host, Security, Username, Source, Trust string
				Port                                              int
			}
			Sources []string
		}
		if err := json.Unmarshal([]byte(r.out), &got); err != nil || r.status != exitOK {
			t.Fatalf("status %d, %v\n%s%s", r.status, err, r.out, r.err)
		}
		text := fmt.Sprint(got.Settings)
		if want := "[{imap imap.differ.example tls address autoconfig, srv high 993} {smtp smtp.differ.example tls address autoconfig high 465}]"; text != want {
			t.Errorf("got %s, want %s", text, want)
		}
	}
	r := cli(t, "", append(env, "MAILHELPBOT_RESOLVER=127.0.0.1:1"), "ask", "--db", db, "/settings differ.example")
	if !strings.Contains(r.out, "imap.differ.example") {
		t.Errorf("not remembered: %s", r.out)
	}
}
