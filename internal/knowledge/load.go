package knowledge

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/mailhelpbot/mailhelpbot/internal/fence"
)

// Load reads the records below fsys, a folder as the package comment describes
// it, and stamps them with origin. It parses files on all cores and always
// returns what is usable: a record with an error is left out and named in the
// problems, a record with a warning is kept. References to topics, clients,
// providers and causes are looked up in the folder itself and in the facts of
// against (the shipped facts, for an operator's folder). Problems come sorted
// by file and line.
func Load(fsys fs.FS, origin Origin, against ...Facts) (Facts, []Problem) {
	names, err := listFiles(fsys)
	if err != nil {
		return Facts{}, []Problem{{File: ".", Severity: SeverityError, What: err.Error(), Remedy: "check that the folder exists and may be read"}}
	}
	files := make([]loadedFile, len(names))
	inParallel(len(names), func(i int) { files[i] = loadFile(fsys, names[i], origin) })

	l := loader{origin: origin, files: files}
	l.problems = strayFiles(fsys, names)
	for _, f := range files {
		l.problems = append(l.problems, f.problems...)
	}
	l.checkUnique()
	l.checkReferences(against)
	sortProblems(l.problems)
	return l.facts(), l.problems
}

// Check loads a folder as an operator's own and returns only the problems.
func Check(fsys fs.FS, against ...Facts) []Problem {
	_, ps := Load(fsys, OriginOperator, against...)
	return ps
}

// inParallel calls f for 0..n-1 on all cores. A panic in f goes on in the caller.
func inParallel(n int, f func(int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	var wg sync.WaitGroup
	next := make(chan int, n)
	for i := range n {
		next <- i
	}
	close(next)
	var broken atomic.Value
	for range workers {
		wg.Go(func() {
			fence.Do(func(v any) { broken.CompareAndSwap(nil, &v) }, func() {
				for i := range next {
					f(i)
				}
			})
		})
	}
	wg.Wait()
	if v, ok := broken.Load().(*any); ok {
		panic(*v)
	}
}

// loadedFile is what one file yielded.
type loadedFile struct {
	records  []record
	problems []Problem
}

// record is one value of a file with its place: a *Provider, *Client, *Cause,
// *ErrorPattern or *Article.
type record struct {
	src    *source
	at     []any // path of the record inside the file: empty, or its list index
	value  any
	broken bool
}

// line returns the line of a value inside the record.
func (r *record) line(at ...any) int {
	return r.src.line(slices.Concat(r.at, at)...)
}

// loader holds a folder while it is checked as a whole.
type loader struct {
	origin   Origin
	files    []loadedFile
	problems []Problem
}

// all yields every record that is not broken, in file order.
func (l *loader) all(yield func(*record) bool) {
	for i := range l.files {
		for j := range l.files[i].records {
			if r := &l.files[i].records[j]; !r.broken && !yield(r) {
				return
			}
		}
	}
}

// report adds a problem at a value of a record; an error breaks the record.
func (l *loader) report(r *record, sev Severity, at []any, what, remedy string) {
	l.problems = append(l.problems, Problem{r.src.name, r.line(at...), sev, what, remedy})
	if sev == SeverityError {
		r.broken = true
	}
}

// facts collects the records without errors.
func (l *loader) facts() Facts {
	var f Facts
	for r := range l.all {
		f.add(r.value)
	}
	return f
}

// add appends a record to the list of its kind.
func (f *Facts) add(record any) {
	switch v := record.(type) {
	case *Provider:
		f.Providers = append(f.Providers, v)
	case *Client:
		f.Clients = append(f.Clients, v)
	case *Cause:
		f.Causes = append(f.Causes, v)
	case *ErrorPattern:
		f.Errors = append(f.Errors, v)
	case *Article:
		f.Articles = append(f.Articles, v)
	}
}

// loadFile reads, decodes and checks one file on its own.
func loadFile(fsys fs.FS, name string, origin Origin) loadedFile {
	data, err := readFile(fsys, name)
	if err != nil {
		return loadedFile{problems: []Problem{{name, 0, SeverityError, err.Error(), "make the file readable and smaller than 16 MiB"}}}
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	stem := strings.TrimSuffix(path.Base(name), path.Ext(name))
	switch path.Dir(name) {
	case dirProviders:
		p := &Provider{Origin: origin}
		return loadOne(newSource(name, data, 0), p, func(c *checker) { c.provider(p, stem) })
	case dirClients:
		m := &Client{Origin: origin}
		return loadOne(newSource(name, data, 0), m, func(c *checker) { c.client(m, stem) })
	case dirCauses:
		return loadList(newSource(name, data, 0), origin, func(c *checker, m *Cause) { m.Origin = origin; c.cause(m) })
	case dirErrors:
		return loadList(newSource(name, data, 0), origin, func(c *checker, m *ErrorPattern) { m.Origin = origin; c.errorPattern(m) })
	default:
		return loadArticle(name, string(data), stem, origin)
	}
}

// readFile reads a file of at most maxFile bytes.
func readFile(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("the file has %d bytes, the limit is %d", info.Size(), maxFile)
	}
	return fs.ReadFile(fsys, name)
}

// loadOne decodes a file that holds one record.
func loadOne[T Provider | Client | Article](src *source, v *T, check func(*checker)) loadedFile {
	r := record{src: src, value: v}
	c := &checker{r: &r}
	if c.problems = src.decode(v); len(c.problems) > 0 {
		r.broken = true
	} else {
		check(c)
	}
	return loadedFile{[]record{r}, c.problems}
}

// loadList decodes a file that holds a list of records.
func loadList[T Cause | ErrorPattern](src *source, origin Origin, check func(*checker, *T)) loadedFile {
	var list []*T
	if ps := src.decode(&list); len(ps) > 0 {
		return loadedFile{problems: ps}
	}
	var f loadedFile
	for i, v := range list {
		r := record{src: src, at: []any{i}, value: v}
		c := &checker{r: &r, origin: origin}
		if v == nil {
			c.error(nil, "empty list entry", "remove the lone dash")
			r.broken = true
		} else {
			check(c, v)
		}
		f.records = append(f.records, r)
		f.problems = append(f.problems, c.problems...)
	}
	return f
}

// loadArticle splits an article into front matter and Markdown.
func loadArticle(name, text, stem string, origin Origin) loadedFile {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	rest, ok := strings.CutPrefix(text, "---\n")
	front, body, closed := strings.Cut(rest, "\n---\n")
	if !ok || !closed {
		return loadedFile{problems: []Problem{{
			name, 1, SeverityError, "no front matter",
			"begin the file with a line ---, then topic:, lang:, title:, checked:, then a line ---, then the text",
		}}}
	}
	a := &Article{Origin: origin, Body: strings.TrimSpace(body)}
	bodyLine := 3 + strings.Count(front, "\n") + 1 // first line after the closing ---
	return loadOne(newSource(name, []byte(front), 1), a, func(c *checker) { c.article(a, stem, body, bodyLine) })
}

// strayFiles warns of files that look like records but are not read.
func strayFiles(fsys fs.FS, read []string) []Problem {
	var ps []Problem
	warn := func(file, what, remedy string) {
		ps = append(ps, Problem{file, 0, SeverityWarning, what, remedy})
	}
	top, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return []Problem{{".", 0, SeverityError, err.Error(), "check that the folder exists and may be read"}}
	}
	for _, e := range top {
		name := e.Name()
		if e.IsDir() && suffixes[name] == "" && !strings.HasPrefix(name, ".") {
			for _, dir := range dirs {
				if editDistance(dir, strings.ToLower(name), 3) < 3 {
					warn(name, "the folder "+name+" is not read", "rename it to "+dir)
				}
			}
		}
		if !e.IsDir() || suffixes[name] == "" {
			continue
		}
		entries, _ := fs.ReadDir(fsys, name)
		for _, e := range entries {
			file := path.Join(name, e.Name())
			if strings.HasPrefix(e.Name(), ".") || strings.HasSuffix(e.Name(), "~") || slices.Contains(read, file) {
				continue
			}
			warn(file, "not read", "records in "+name+" are files that end in "+suffixes[name])
		}
	}
	if len(read) == 0 {
		warn(".", "no records found", "the folder holds "+strings.Join(dirs, ", "))
	}
	return ps
}

// isNotExist reports a missing file or folder.
func isNotExist(err error) bool { return errors.Is(err, fs.ErrNotExist) }
