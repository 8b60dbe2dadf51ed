package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// kbCommands are the subcommands of kb.
func kbCommands() map[string]func(context.Context, *invocation) error {
	return map[string]func(context.Context, *invocation) error{
		"list": kbList, "show": kbShow, "check": kbCheck, "export": kbExport, "import": kbImport, "stats": kbStats,
		"verify": kbVerify, "remove": kbRemove,
	}
}

func runKB(ctx context.Context, in *invocation) error {
	switch {
	case len(in.args) > 0 && slices.Contains([]string{"-h", "--help", "help"}, in.args[0]):
		return flag.ErrHelp
	case len(in.args) == 0 || kbCommands()[in.args[0]] == nil:
		names := slices.Sorted(maps.Keys(kbCommands()))
		return usagef("say which: kb %s. “mailhelpbot help kb” explains them", strings.Join(names, ", "))
	}
	sub := in.args[0]
	in.args = in.args[1:]
	return kbCommands()[sub](ctx, in)
}

// kbList prints the ids and names of all providers, mail programs and topics.
func kbList(ctx context.Context, in *invocation) error {
	book, done, err := in.openBook(ctx)
	if err != nil {
		return err
	}
	defer done()
	f := book.Facts()
	for _, p := range f.Providers {
		fmt.Fprintf(in.out, "provider\t%s\t%s\n", p.ID, p.Name)
	}
	for _, c := range f.Clients {
		fmt.Fprintf(in.out, "client\t%s\t%s\n", c.ID, c.Name)
	}
	for _, c := range f.Causes {
		fmt.Fprintf(in.out, "cause\t%s\t%s\n", c.Code, c.Title.In("en"))
	}
	for _, a := range f.Articles {
		fmt.Fprintf(in.out, "article\t%s.%s\t%s\n", a.Topic, a.Lang, a.Title)
	}
	return nil
}

// kbShow prints one record as YAML.
func kbShow(ctx context.Context, in *invocation) error {
	book, done, err := in.openBook(ctx)
	if err != nil {
		return err
	}
	defer done()
	if len(in.args) != 1 {
		return usagef("kb show takes one id; kb list prints them")
	}
	id := in.args[0]
	var rec any
	switch {
	case book.Provider(id) != nil:
		rec = book.Provider(id)
	case book.Client(id) != nil:
		rec = book.Client(id)
	case book.Cause(id) != nil:
		rec = book.Cause(id)
	default:
		topic, lang, _ := strings.Cut(id, ".")
		a := book.Article(topic, lang)
		if a == nil {
			return usagef("there is no record %q; kb list prints all ids", id)
		}
		b, err := knowledge.ExportArticle(a)
		if err != nil {
			return err
		}
		_, err = in.out.Write(b)
		return err
	}
	enc := yaml.NewEncoder(in.out)
	enc.SetIndent(2)
	return enc.Encode(rec)
}

// kbCheck prints the problems of an operator's folder; status 1 when one is an error.
func kbCheck(_ context.Context, in *invocation) error {
	if err := in.parse(); err != nil {
		return err
	}
	dir := in.env.Knowledge
	if len(in.args) == 1 {
		dir = in.args[0]
	}
	if dir == "" || len(in.args) > 1 {
		return usagef("kb check takes one folder")
	}
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		return usagef("%s is not a folder", dir)
	}
	shipped, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	problems := knowledge.Check(os.DirFS(dir), shipped)
	for _, p := range problems {
		fmt.Fprintln(in.out, p)
	}
	if firstError(problems) != nil {
		return statusError(exitFailure)
	}
	fmt.Fprintf(in.out, "%s: no errors, %d warnings\n", dir, len(problems))
	return nil
}

// kbRemove takes articles that were taught in chat out of force; a service that
// runs on the same database follows within minutes.
func kbRemove(ctx context.Context, in *invocation) error {
	if err := in.parse(); err != nil {
		return err
	}
	if len(in.args) == 0 {
		return usagef("kb remove takes the topics of articles that were taught in chat; kb list prints them, they begin with taught-")
	}
	st, err := in.openStore(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	for _, topic := range in.args {
		n, err := st.Unteach(ctx, topic)
		if err != nil {
			return err
		}
		if n == 0 {
			return usagef("nothing was taught as %q; kb list prints what was, it begins with taught-", topic)
		}
		fmt.Fprintf(in.out, "%s removed\n", topic)
	}
	return nil
}

// openBook opens the knowledge for reading; done closes the database.
func (in *invocation) openBook(ctx context.Context) (book *knowledge.Book, done func() error, err error) {
	if err := in.parse(); err != nil {
		return nil, nil, err
	}
	a, err := in.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	docs, err := a.store.Taught(ctx)
	if err != nil {
		return nil, nil, errors.Join(err, a.Close())
	}
	taught, err := knowledge.FactsFromDocuments(docs)
	if err != nil {
		return nil, nil, errors.Join(err, a.Close())
	}
	return knowledge.NewBook(a.bot.Book().Facts().Merge(taught)), a.Close, nil
}

// kbStats counts what the knowledge holds, and lists what wants a review.
func kbStats(ctx context.Context, in *invocation) error {
	if err := in.parse(); err != nil {
		return err
	}
	a, err := in.open(ctx)
	if err != nil {
		return err
	}
	defer a.Close()
	checks, err := a.store.Checked(ctx, "")
	if err != nil {
		return err
	}
	book := a.bot.Book()
	s := knowledge.Stats(book, time.Now())
	fmt.Fprintf(in.out, "providers\t%d\ndomains\t%d\nservers\t%d\noutdated servers\t%d\nmail programs\t%d\ncauses\t%d\nerror patterns\t%d\narticles\t%d\nutterances\t%d\n",
		s.Providers, s.Domains, s.Servers, s.Outdated, s.Clients, s.Causes, s.Errors, s.Articles, s.Utterances)
	for _, t := range []struct {
		name   string
		counts map[string]int
	}{{"servers by source", s.ServersBySource}, {"servers by trust", s.ServersByTrust}, {"providers by origin", s.ProvidersByOrigin}} {
		for _, k := range slices.Sorted(maps.Keys(t.counts)) {
			fmt.Fprintf(in.out, "%s\t%s\t%d\n", t.name, k, t.counts[k])
		}
	}
	for _, age := range slices.Sorted(maps.Keys(s.ProvidersByAge)) {
		fmt.Fprintf(in.out, "providers by age\t%s\t%d\n", age, s.ProvidersByAge[age])
	}
	for _, r := range append(s.Review, bot.Contradictions(book, checks)...) {
		fmt.Fprintf(in.out, "review\t%s\t%s\n", r.Provider, r.Reason)
	}
	return nil
}
