// Command convertfacts turns a table of provider facts (JSON Lines, one
// provider per line) into the seed files providers/ID.yaml.
//
//	go run ./internal/knowledge/cmd/convertfacts FACTS.jsonl DIR
//
// It was made for the first filling of internal/knowledge/seed/providers and
// stays so that another table of the same shape can be merged. A file that
// exists in DIR is never touched: once written, the files are the truth and are
// kept by hand. It is a program of its own, next to the package whose types it
// fills, because it is a tool for maintainers and no part of mailhelpbot's
// command line.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: convertfacts FACTS.jsonl DIR")
		os.Exit(2)
	}
	written, kept, err := run(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, "convertfacts:", err)
		os.Exit(1)
	}
	fmt.Printf("%d files written, %d kept as they are\n", written, kept)
}

// run converts a table into files below dir.
func run(table, dir string) (written, kept int, err error) {
	f, err := os.Open(table)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	rows, err := readRows(f)
	if err != nil {
		return 0, 0, fmt.Errorf("%s: %w", table, err)
	}
	for _, p := range convert(rows) {
		data, err := knowledge.ExportYAML(p)
		if err != nil {
			return written, kept, err
		}
		switch err := writeNew(filepath.Join(dir, p.ID+".yaml"), data); {
		case errors.Is(err, fs.ErrExist):
			kept++
		case err != nil:
			return written, kept, err
		default:
			written++
		}
	}
	return written, kept, nil
}

// readRows reads the table; an error names the line.
func readRows(r io.Reader) ([]row, error) {
	var rows []row
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var v row
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		rows = append(rows, v)
	}
	return rows, lines.Err()
}

// writeNew writes a file that must not exist yet.
func writeNew(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
