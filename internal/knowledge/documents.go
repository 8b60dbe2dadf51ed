package knowledge

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Kind is the kind of a record, as it is named in a Document.
type Kind string

// The kinds, in the order of Facts.
const (
	KindProvider Kind = "provider"
	KindClient   Kind = "client"
	KindCause    Kind = "cause"
	KindError    Kind = "error"
	KindArticle  Kind = "article"
)

// Document is one record in the form in which a database keeps it.
type Document struct {
	Kind   Kind
	ID     string // provider or client id, cause code, error pattern id, or TOPIC.LANG of an article
	Origin Origin
	Author string // who taught it, for OriginTaught
	Hash   string // of Kind, ID, Origin and Body, in hex
	Body   []byte // the record as JSON
}

// Documents returns every record as a Document, in the order of f. It panics
// only on a record that JSON cannot express, which the types exclude.
func (f Facts) Documents() []Document {
	docs := make([]Document, 0, f.Len())
	for _, p := range f.Providers {
		docs = append(docs, NewDocument(KindProvider, p.ID, p.Origin, "", p))
	}
	for _, c := range f.Clients {
		docs = append(docs, NewDocument(KindClient, c.ID, c.Origin, "", c))
	}
	for _, c := range f.Causes {
		docs = append(docs, NewDocument(KindCause, c.Code, c.Origin, "", c))
	}
	for _, e := range f.Errors {
		docs = append(docs, NewDocument(KindError, e.ID, e.Origin, "", e))
	}
	for _, a := range f.Articles {
		docs = append(docs, NewDocument(KindArticle, a.Topic+"."+a.Lang, a.Origin, a.Author, a))
	}
	return docs
}

// Len returns the number of records.
func (f Facts) Len() int {
	return len(f.Providers) + len(f.Clients) + len(f.Causes) + len(f.Errors) + len(f.Articles)
}

// NewDocument makes the Document of one record: a *Provider, *Client, *Cause,
// *ErrorPattern or *Article.
func NewDocument(kind Kind, id string, origin Origin, author string, record any) Document {
	body, err := json.Marshal(record)
	if err != nil {
		panic(fmt.Sprintf("knowledge: %s %s: %v", kind, id, err))
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%s\x00%s\x00", kind, id, origin)
	h.Write(body)
	return Document{kind, id, origin, author, hex.EncodeToString(h.Sum(nil)), body}
}

// Hash returns a hash over all records that does not depend on their order.
func (f Facts) Hash() string {
	docs := f.Documents()
	slices.SortFunc(docs, func(a, b Document) int { return strings.Compare(a.Hash, b.Hash) })
	h := sha256.New()
	for _, d := range docs {
		h.Write([]byte(d.Hash))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// FactsFromDocuments is the inverse of Facts.Documents. It decodes on all
// cores; the error names the first document that does not decode.
func FactsFromDocuments(docs []Document) (Facts, error) {
	values := make([]any, len(docs))
	errs := make([]error, len(docs))
	const chunk = 32 // documents per task: large enough that handing out tasks costs nothing
	inParallel((len(docs)+chunk-1)/chunk, func(i int) {
		for j := i * chunk; j < min((i+1)*chunk, len(docs)); j++ {
			values[j], errs[j] = docs[j].decode()
		}
	})
	var f Facts
	for i, v := range values {
		if errs[i] != nil {
			return Facts{}, fmt.Errorf("%s %s: %w", docs[i].Kind, docs[i].ID, errs[i])
		}
		f.add(v)
	}
	return f, nil
}

// decode reads the record of a document.
func (d Document) decode() (any, error) {
	switch d.Kind {
	case KindProvider:
		v := new(Provider)
		err := json.Unmarshal(d.Body, v)
		v.Origin = d.Origin
		return v, err
	case KindClient:
		v := new(Client)
		err := json.Unmarshal(d.Body, v)
		v.Origin = d.Origin
		return v, err
	case KindCause:
		v := new(Cause)
		err := json.Unmarshal(d.Body, v)
		v.Origin = d.Origin
		return v, err
	case KindError:
		v := new(ErrorPattern)
		err := json.Unmarshal(d.Body, v)
		v.Origin = d.Origin
		return v, err
	case KindArticle:
		v := new(Article)
		err := json.Unmarshal(d.Body, v)
		v.Origin, v.Author = d.Origin, d.Author
		return v, err
	}
	return nil, fmt.Errorf("unknown kind %q", d.Kind)
}
