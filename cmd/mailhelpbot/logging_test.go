package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// logKeys are all that may stand in a log, each with what it holds. None holds
// what somebody said or is called.
var logKeys = map[string]string{
	"addr": "where the service listens", "again_in": "a pause", "answers": "a count", "bytes": "a size",
	"cause": "a cause of the vocabulary", "close_code": "of the gateway", "code": "an error code of a platform",
	"commands": "a count", "connection": "which of a process's connections", "data_type": "a number",
	"domain": "a domain, never an address", "ending": "a truth", "err": "an error; TestCanaryInTrouble watches", "error": "the same", "event": "the kind of an event", "failing": "a truth",
	"found": "a truth", "http": "a truth", "intent": "what a message was taken for", "kind": "how a message came, or of what sort a frame is",
	"lang": "de or en", "limit": "a number", "missing": "names of permissions", "page": "the name of a template", "panic": "through bot.PanicKind",
	"platform": "slack, discord", "problem": "of the operator's own files", "provider": "an id of the knowledge", "reason": "a word of the program", "recommended": "a count", "records": "a count",
	"remaining": "a count", "rows": "a count", "session_gone": "a truth", "shard": "a number of so many", "shards": "a count", "silence": "a reason", "socket_mode": "a truth",
	"stack": "addresses and names of functions", "took_ms": "a duration", "team": "the workspace", "topic": "of the knowledge",
	"type": "a number", "user": "through Pseudonyms", "wait": "a duration",
}

// through are the keys whose value must come out of a function that takes all
// that is personal away.
var through = map[string]string{"panic": "PanicKind", "user": "User"}

// raw are fields that hold what people say or are called; none may stand in a
// log call in any form.
var raw = []string{"Text", "Args", "Value", "Content", "Message", "Token", "ResponseURL", "UserID", "Author", "Fields", "Username"}

// TestLogsNameNobody looks at every log call of the module: constant words, keys
// out of logKeys, and no field that holds what people say.
func TestLogsNameNobody(t *testing.T) {
	seen := map[string]bool{}
	calls := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != ".." {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if args, ok := logCall(call); ok {
					calls++
					checkLogCall(t, fset, args, seen)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if calls < 50 {
		t.Errorf("only %d log calls were found: the search is broken", calls)
	}
}

// logCall says that a call writes to a log, and returns its message and attributes.
func logCall(call *ast.CallExpr) ([]ast.Expr, bool) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return nil, false
	}
	on := ""
	switch x := sel.X.(type) {
	case *ast.SelectorExpr:
		on = x.Sel.Name
	case *ast.Ident:
		on = x.Name
	}
	if on != "log" && on != "Log" && on != "slog" && on != "logger" {
		return nil, false
	}
	skip := 0
	switch sel.Sel.Name {
	case "Debug", "Info", "Warn", "Error":
	case "DebugContext", "InfoContext", "WarnContext", "ErrorContext":
		skip = 1
	case "Log":
		skip = 2
	case "With":
		return append([]ast.Expr{&ast.BasicLit{Kind: token.STRING, Value: `"with"`}}, call.Args...), true
	default:
		return nil, false
	}
	return call.Args[skip:], true
}

func checkLogCall(t *testing.T, fset *token.FileSet, args []ast.Expr, seen map[string]bool) {
	t.Helper()
	at := fset.Position(args[0].Pos())
	if _, constant := args[0].(*ast.Ident); !constant {
		_, constant = literal(args[0])
		if !constant {
			t.Errorf("%s: the words of a log line must be constant", at)
		}
	}
	for i := 1; i < len(args); i += 2 {
		key, ok := literal(args[i])
		if _, known := logKeys[key]; !ok || !known {
			t.Errorf("%s: key %q is not in logKeys", at, key)
		}
		seen[key] = true
		if i+1 >= len(args) {
			t.Errorf("%s: key %q has no value", at, key)
			return
		}
		ast.Inspect(args[i+1], func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && slices.Contains(raw, s.Sel.Name) {
				t.Errorf("%s: %q logs a field named %s", at, key, s.Sel.Name)
			}
			return true
		})
		if want := through[key]; want != "" && !calls(args[i+1], want) {
			t.Errorf("%s: %q must go through %s", at, key, want)
		}
	}
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

func calls(e ast.Expr, name string) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		return f.Sel.Name == name
	case *ast.Ident:
		return f.Name == name
	}
	return false
}

// TestNoLogByTheWay holds that nothing writes past the logger that is handed
// down, where no test looks.
func TestNoLogByTheWay(t *testing.T) {
	for _, dir := range []string{"../../internal/bot", "../../internal/store", "../../internal/adapters/slack", "../../internal/adapters/discord", "../../internal/diagnose", "../../internal/knowledge"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", dir, err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, way := range []string{"fmt.Print", "os.Stderr", "os.Stdout", "println(", "log.Print", "log.Fatal", "slog.Info", "slog.Warn", "slog.Error"} {
				if strings.Contains(string(b), way) {
					t.Errorf("%s uses %s", f, way)
				}
			}
		}
	}
}
