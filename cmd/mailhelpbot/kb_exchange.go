package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// kbExport prints providers as YAML, autoconfig XML or CSV, or writes one file
// for each into a folder. In YAML the articles that were taught in chat come
// with them, as the files of an operator's folder.
func kbExport(ctx context.Context, in *invocation) error {
	format := in.flags.String("format", "yaml", "")
	out := in.flags.String("out", "", "")
	book, done, err := in.openBook(ctx)
	if err != nil {
		return err
	}
	defer done()
	providers, articles, err := choose(book, in.args)
	if err != nil {
		return err
	}
	if *format == "csv" {
		return knowledge.ExportCSV(in.out, providers)
	}
	encode, ext := knowledge.ExportYAML, ".yaml"
	switch *format {
	case "yaml":
	case "autoconfig":
		encode, ext = knowledge.ExportAutoconfig, ".xml"
	default:
		return usagef("--format is yaml, autoconfig or csv, not %q", *format)
	}
	for i, p := range providers {
		b, err := encode(p)
		if err != nil {
			fmt.Fprintf(in.err, "%s: left out: %v\n", p.ID, err)
			continue
		}
		if *out != "" {
			err = writeRecord(filepath.Join(*out, "providers", p.ID+ext), b)
		} else {
			if i > 0 && ext == ".yaml" {
				fmt.Fprintln(in.out, "---")
			}
			_, err = in.out.Write(b)
		}
		if err != nil {
			return err
		}
	}
	if *format != "yaml" {
		return nil
	}
	return in.exportArticles(articles, *out)
}

func (in *invocation) exportArticles(articles []*knowledge.Article, dir string) error {
	for _, a := range articles {
		b, err := knowledge.ExportArticle(a)
		switch {
		case err != nil:
		case dir != "":
			err = writeRecord(filepath.Join(dir, "articles", a.Topic+"."+a.Lang+".md"), b)
		default:
			_, err = in.out.Write(b)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// choose finds the records with these ids, of providers or of articles; without
// ids all providers and what was taught in chat.
func choose(book *knowledge.Book, ids []string) (providers []*knowledge.Provider, articles []*knowledge.Article, err error) {
	facts := book.Facts()
	if len(ids) == 0 {
		for _, a := range facts.Articles {
			if a.Origin == knowledge.OriginTaught {
				articles = append(articles, a)
			}
		}
		return facts.Providers, articles, nil
	}
	for _, id := range ids {
		if p := book.Provider(id); p != nil {
			providers = append(providers, p)
			continue
		}
		n := len(articles)
		for _, a := range facts.Articles {
			if a.Topic == id || a.Topic+"."+a.Lang == id {
				articles = append(articles, a)
			}
		}
		if len(articles) == n {
			return nil, nil, usagef("there is no provider and no article %q; kb list prints all ids", id)
		}
	}
	return providers, articles, nil
}

// kbImport turns autoconfig files (one, a folder of them such as ISPDB's, or a
// URL) or another knowledge folder into provider files of the operator's folder.
func kbImport(ctx context.Context, in *invocation) error {
	out := in.flags.String("out", in.env.Knowledge, "")
	if err := in.parse(); err != nil {
		return err
	}
	if len(in.args) == 0 || *out == "" {
		return usagef("kb import takes files, folders or https addresses, and --out DIR (or MAILHELPBOT_KNOWLEDGE) says where to")
	}
	var read, failed int
	for _, src := range in.args {
		providers, errs := importFrom(ctx, src)
		for _, err := range errs {
			failed++
			fmt.Fprintln(in.err, err)
		}
		for _, p := range providers {
			b, err := knowledge.ExportYAML(p)
			if err == nil {
				err = writeRecord(filepath.Join(*out, "providers", p.ID+".yaml"), b)
			}
			if err != nil {
				return err
			}
			read++
		}
	}
	fmt.Fprintf(in.out, "%d providers written to %s, %d files not read. Look them over with: mailhelpbot kb check %s\n", read, *out, failed, *out)
	if failed > 0 {
		return statusError(exitFailure)
	}
	return nil
}

func importFrom(ctx context.Context, src string) ([]*knowledge.Provider, []error) {
	if u, err := url.Parse(src); err == nil && u.Scheme != "" && u.Host != "" {
		p, err := importURL(ctx, u)
		return one(p, err)
	}
	st, err := os.Stat(src)
	switch {
	case err != nil:
		return nil, []error{err}
	case !st.IsDir():
		return one(importFile(src))
	}
	if facts, problems := knowledge.Load(os.DirFS(src), knowledge.OriginOperator); len(facts.Providers) > 0 {
		return facts.Providers, problemErrors(problems)
	}
	entries, err := os.ReadDir(src)
	if err != nil {
		return nil, []error{err}
	}
	var providers []*knowledge.Provider
	var errs []error
	for _, e := range entries {
		if e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		p, es := one(importFile(filepath.Join(src, e.Name())))
		providers, errs = append(providers, p...), append(errs, es...)
	}
	return providers, errs
}

func one(p *knowledge.Provider, err error) ([]*knowledge.Provider, []error) {
	if err != nil {
		return nil, []error{err}
	}
	return []*knowledge.Provider{p}, nil
}

func problemErrors(problems []knowledge.Problem) []error {
	var errs []error
	for _, p := range knowledge.Errors(problems) {
		errs = append(errs, errors.New(p.String()))
	}
	return errs
}

func importFile(name string) (*knowledge.Provider, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return imported(name, f, filepath.Base(name))
}

// importURL fetches one autoconfig file. Only https counts: over plain http
// anybody on the way could hand out servers of his own.
func importURL(ctx context.Context, u *url.URL) (*knowledge.Provider, error) {
	if u.Scheme != "https" {
		return nil, usagef("%s: only https addresses are read", u)
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", u, resp.Status)
	}
	return imported(u.String(), resp.Body, u.Host)
}

// imported reads one file and gives a record without an id one made of its name.
func imported(name string, r io.Reader, source string) (*knowledge.Provider, error) {
	p, err := knowledge.ImportAutoconfig(r, source)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	p.Checked = time.Now().UTC().Format(time.DateOnly)
	if p.ID == "" {
		p.ID = strings.Map(func(c rune) rune {
			if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
				return c
			}
			return '-'
		}, strings.TrimSuffix(strings.ToLower(source), ".xml"))
	}
	return p, nil
}

func writeRecord(name string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, b, 0o644)
}
