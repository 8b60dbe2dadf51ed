package main

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/mailhelpbot/mailhelpbot/"

// importRules is the direction of the layout: which packages of this module a
// package may import, by prefix, and which libraries belong to one package alone.
var importRules = []struct {
	pkg string   // prefix below the module
	may []string // prefixes of this module's packages
}{
	{pkg: "internal/mailconf", may: nil},
	{pkg: "internal/fence", may: nil},
	{pkg: "internal/testaddr", may: nil},
	{pkg: "internal/knowledge", may: []string{"internal/mailconf", "internal/fence", "internal/knowledge"}},
	{pkg: "internal/diagnose", may: []string{"internal/mailconf", "internal/fence", "internal/diagnose", "internal/testaddr"}},
	{pkg: "internal/bot", may: []string{"internal/mailconf", "internal/fence", "internal/knowledge", "internal/diagnose", "internal/bot"}},
	{pkg: "internal/store", may: []string{"internal/mailconf", "internal/fence", "internal/knowledge", "internal/diagnose", "internal/bot", "internal/store", "internal/testaddr"}},
	{pkg: "internal/adapters/console", may: []string{"internal/bot", "internal/adapters/console"}},
	{pkg: "internal/adapters/slack", may: []string{"internal/bot", "internal/adapters/slack"}},
	{pkg: "internal/adapters/discord", may: []string{"internal/bot", "internal/adapters/discord"}},
	{pkg: "internal/adapters/web", may: []string{"internal/bot", "internal/adapters/web"}},
}

// owners says which package alone may import a library.
var owners = map[string]string{
	"database/sql":                  "internal/store",
	"github.com/mattn/go-sqlite3":   "internal/store",
	"github.com/jackc/pgx":          "internal/store",
	"github.com/slack-go/slack":     "internal/adapters/slack",
	"github.com/bwmarrin/discordgo": "internal/adapters/discord",
	"github.com/emersion/go-imap":   "internal/diagnose",
	"github.com/peterh/liner":       "internal/adapters/console",
	"github.com/prometheus":         "cmd/mailhelpbot",
}

func TestImportDirection(t *testing.T) {
	for pkg, imports := range goList(t, "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"...") {
		local, inside := strings.CutPrefix(pkg, module)
		if !inside {
			continue
		}
		for _, imp := range imports {
			checkOwner(t, local, imp)
			dep, ours := strings.CutPrefix(imp, module)
			if !ours {
				continue
			}
			if strings.HasPrefix(local, "cmd/") {
				continue
			}
			if !allowed(local, dep) {
				t.Errorf("%s must not import %s", local, dep)
			}
		}
	}
}

func allowed(pkg, dep string) bool {
	for _, r := range importRules {
		if under(pkg, r.pkg) {
			for _, m := range r.may {
				if under(dep, m) {
					return true
				}
			}
			return false
		}
	}
	return false
}

func checkOwner(t *testing.T, pkg, imp string) {
	t.Helper()
	for lib, owner := range owners {
		if under(imp, lib) && !under(pkg, owner) {
			t.Errorf("%s must not import %s: only %s may", pkg, imp, owner)
		}
	}
}

func under(path, prefix string) bool { return path == prefix || strings.HasPrefix(path, prefix+"/") }

// TestBuildsWithoutCgo holds that the facts and the probes need no C compiler.
func TestBuildsWithoutCgo(t *testing.T) {
	cmd := exec.Command("go", "build", module+"internal/knowledge/...", module+"internal/diagnose/...")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func goList(t *testing.T, args ...string) map[string][]string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	res := make(map[string][]string)
	for sc := bufio.NewScanner(strings.NewReader(string(out))); sc.Scan(); {
		f := strings.Fields(sc.Text())
		res[f[0]] = f[1:]
	}
	return res
}
