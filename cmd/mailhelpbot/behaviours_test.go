package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestBehavioursAreHeld holds that docs/behaviours.md lists every promise and
// names only tests, scripts and decisions that exist.
func TestBehavioursAreHeld(t *testing.T) {
	root := filepath.Join("..", "..")
	data, err := os.ReadFile(filepath.Join(root, "docs", "behaviours.md"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	row := regexp.MustCompile(`^\| (\d+) \| (.+) \| (.+) \|$`)
	for line := range strings.Lines(string(data)) {
		m := row.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		n, _ := strconv.Atoi(m[1])
		if seen[n] {
			t.Errorf("%d stands twice", n)
		}
		seen[n] = true
		if len(holders.FindAllString(m[3], -1)) == 0 {
			t.Errorf("%d is held by nothing", n)
		}
	}
	for n := 1; n <= 59; n++ {
		if want := n <= 45 || n == 53 || n == 55 || n == 57 || n == 58 || n == 59; want != seen[n] {
			t.Errorf("%d: listed %v, want %v", n, seen[n], want)
		}
	}
	for _, h := range holders.FindAllStringSubmatch(string(data), -1) {
		if !exists(root, h[1]) {
			t.Errorf("%s does not exist", h[1])
		}
	}
	for _, link := range regexp.MustCompile(`\]\(([^)#]+)\)`).FindAllStringSubmatch(string(data), -1) {
		if _, err := os.Stat(filepath.Join(root, "docs", link[1])); err != nil {
			t.Errorf("%s: %v", link[1], err)
		}
	}
}

// holders are the tests, benchmarks and scripts that the document names.
var holders = regexp.MustCompile("`((?:cmd|internal)/[\\w/.-]+(?:#(?:Test|Fuzz|Benchmark)\\w+|\\.txt))`")

// exists looks for a file, or for a function in the tests of a folder.
func exists(root, holder string) bool {
	folder, name, isTest := strings.Cut(holder, "#")
	if !isTest {
		_, err := os.Stat(filepath.Join(root, holder))
		return err == nil
	}
	files, _ := filepath.Glob(filepath.Join(root, folder, "*_test.go"))
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err == nil && strings.Contains(string(src), "\nfunc "+name+"(") {
			return true
		}
	}
	return false
}
