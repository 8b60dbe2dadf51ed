package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSecurityPageNamesRealTests holds that every test that SECURITY.md names
// exists, and that every threat has one.
func TestSecurityPageNamesRealTests(t *testing.T) {
	page, err := os.ReadFile("../../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	exists := map[string]bool{}
	err = filepath.WalkDir("../..", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(string(b), -1) {
			exists[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	test := regexp.MustCompile("`(Test\\w+)`")
	for _, m := range test.FindAllStringSubmatch(string(page), -1) {
		if !exists[m[1]] {
			t.Errorf("SECURITY.md names %s, which does not exist", m[1])
		}
	}
	threats := regexp.MustCompile(`(?m)^\| T\d+ \|.*$`).FindAllString(string(page), -1)
	if len(threats) != 9 {
		t.Errorf("%d threats, want T1 to T9", len(threats))
	}
	for _, row := range threats {
		if !test.MatchString(row) {
			t.Errorf("nothing holds %.40s", row)
		}
	}
}
