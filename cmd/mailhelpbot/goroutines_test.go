package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	stdlog "log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// unfenced are the functions that start a goroutine without a fence around
// it, and why nothing that a stranger sends can make it panic.
var unfenced = map[string]string{
	"cmd/mailhelpbot/doctor_network.go:checkPorts":     "a command that ends by itself",
	"cmd/mailhelpbot/doctor_network.go:knock":          "a command that ends by itself",
	"cmd/mailhelpbot/kb_verify.go:run":                 "a command that ends by itself",
	"cmd/mailhelpbot/listen.go:listen":                 "net/http's own; each request is fenced",
	"cmd/mailhelpbot/opentest.go:openTest":             "a command that ends by itself",
	"cmd/mailhelpbot/serve.go:runServe":                "the adapters' frames; what they take in is fenced, and so is the work in the background",
	"cmd/mailhelpbot/test.go:runTest":                  "a command that ends by itself",
	"internal/adapters/console/console.go:interactive": "reads the keyboard of whoever started the program",
	"internal/adapters/discord/discord.go:Run":         "loops whose rounds are fenced",
	"internal/adapters/discord/discord.go:drain":       "waits",
	"internal/adapters/discord/shard.go:keepShard":     "a loop whose rounds are fenced",
	"internal/adapters/slack/adapter.go:Run":           "a loop whose rounds are fenced",
	"internal/adapters/slack/adapter.go:drain":         "waits",
	"internal/adapters/slack/pool.go:start":            "each task is fenced",
	"internal/adapters/slack/socket.go:runSockets":     "the library and each envelope are fenced",
	"internal/bot/proberun.go:begin":                   "the probe is fenced",
	"internal/diagnose/prober.go:Probe":                "work is fenced, with a report of what broke",
	"internal/diagnose/run.go:host":                    "the endpoint is fenced, with a report of what broke",
	"internal/diagnose/versions.go:finish":             "cancels a context",
	"internal/knowledge/match/model.go:parallel":       "reads the seed files and the operator's",
	"internal/knowledge/match/model.go:train":          "reads the seed files and the operator's",
	"internal/knowledge/match/model.go:trainOn":        "reads the seed files and the operator's",
	"internal/knowledge/match/model.go:fitText":        "reads the seed files and the operator's",
	"internal/knowledge/match/fit.go:fit":              "reads the seed files and the operator's",
	"internal/knowledge/match/reader.go:compile":       "reads the seed files and the operator's",
	"internal/store/patience.go:newPatience":           "cancels a context",
	"internal/store/replica.go:Join":                   "a loop whose rounds are fenced",
	"internal/store/write.go:newWriter":                "each write is fenced",
}

// A panic that leaves a goroutine ends the whole process: every one that the
// program starts has a fence, or a reason in the table.
func TestGoroutinesAreFenced(t *testing.T) {
	used := map[string]bool{}
	for _, root := range []string{"../../cmd/mailhelpbot", "../../internal"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			local := strings.TrimPrefix(filepath.ToSlash(path), "../../")
			switch {
			case err != nil:
				return err
			case d.IsDir() && helpsTests(local):
				return fs.SkipDir
			case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
				return nil
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			for _, decl := range file.Decls {
				f, ok := decl.(*ast.FuncDecl)
				if !ok || f.Body == nil {
					continue
				}
				name := local + ":" + f.Name.Name
				if n := bare(f.Body); n > 0 && unfenced[name] == "" {
					t.Errorf("%s starts %d goroutines without a fence (fence.Do, bot.Fenced)", name, n)
				} else if n > 0 {
					used[name] = true
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name := range unfenced {
		if !used[name] {
			t.Errorf("%s is excused and need not be", name)
		}
	}
}

// helpsTests are the packages that only tests and benchmarks use.
func helpsTests(dir string) bool {
	switch filepath.Base(dir) {
	case "fakeslack", "fakediscord", "mailtest", "realtest", "bench", "pgtest", "testaddr", "answertest":
		return true
	}
	return strings.HasPrefix(dir, "internal/knowledge/cmd")
}

// bare counts the goroutines that a body starts without a fence.
func bare(body *ast.BlockStmt) (n int) {
	ast.Inspect(body, func(node ast.Node) bool {
		switch x := node.(type) {
		case *ast.GoStmt:
			if !fenced(x.Call) {
				n++
			}
		case *ast.CallExpr:
			sel, ok := x.Fun.(*ast.SelectorExpr)
			if ok && (sel.Sel.Name == "Go" || sel.Sel.Name == "AfterFunc") && !fenced(x) {
				n++
			}
		}
		return true
	})
	return n
}

// fenced reports a fence anywhere inside.
func fenced(node ast.Node) (yes bool) {
	ast.Inspect(node, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		switch f := call.Fun.(type) {
		case *ast.Ident:
			yes = yes || f.Name == "recover" || f.Name == "Fenced"
		case *ast.SelectorExpr:
			pkg, _ := f.X.(*ast.Ident)
			yes = yes || f.Sel.Name == "Fenced" || f.Sel.Name == "Do" && pkg != nil && pkg.Name == "fence"
		}
		return true
	})
	return yes
}

// A page that panics answers nothing, prints nothing of what it was about, and
// leaves the server up.
func TestPanicInAPage(t *testing.T) {
	var log, std bytes.Buffer
	a := &app{log: slog.New(slog.NewTextHandler(&log, nil))}
	srv := httptest.NewUnstartedServer(a.fenced(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/bug" {
			panic("canary-5d1")
		}
	})))
	srv.Config.ErrorLog = stdlog.New(&std, "", 0)
	srv.Start()
	if resp, err := srv.Client().Get(srv.URL + "/bug"); err == nil {
		resp.Body.Close()
		t.Errorf("a page that panicked answered %s", resp.Status)
	}
	resp, err := srv.Client().Get(srv.URL + "/well")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	srv.Close()
	if got := log.String() + std.String(); !strings.Contains(got, "panic=string") || strings.Contains(got, "canary") {
		t.Errorf("the log is %q, want the kind of the panic and not its words", got)
	}
}
