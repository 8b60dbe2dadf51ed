package autoconfig

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
)

// Limits on what is read. The largest file of the ISPDB (March 2026) has 9 KB
// and five levels.
const (
	MaxSize  = 64 << 10
	maxDepth = 32
)

// Errors of Parse.
var (
	ErrTooLarge = errors.New("autoconfig: larger than 64 KiB")
	ErrTooDeep  = errors.New("autoconfig: nested too deeply")
	ErrNoConfig = errors.New("autoconfig: no clientConfig with an emailProvider")
)

// element is an XML element.
type element struct {
	name     string
	attrs    []xml.Attr
	text     string // all character data, trimmed
	children []*element
}

// attr returns an attribute, or "".
func (e *element) attr(name string) string {
	for _, a := range e.attrs {
		if a.Name.Local == name {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

// child returns the first child with a name, or nil.
func (e *element) child(name string) *element {
	for _, c := range e.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// childText returns the text of the first child with a name, or "".
func (e *element) childText(name string) string {
	if c := e.child(name); c != nil {
		return c.text
	}
	return ""
}

// readTree reads the root element. Document type declarations are passed over
// and entities other than the five of XML are errors, so nothing can expand.
func readTree(r io.Reader) (*element, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxSize {
		return nil, ErrTooLarge
	}
	wide := bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff"))
	if wide { // UTF-16 hides even the declaration of the encoding
		if data, err = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(data); err != nil {
			return nil, fmt.Errorf("autoconfig: %w", err)
		}
	}
	dec := xml.NewDecoder(bytes.NewReader(data))
	dec.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		if wide {
			return in, nil // decoded already
		}
		return charsetReader(label, in)
	}
	for {
		tok, err := dec.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil, ErrNoConfig
		case err != nil:
			return nil, fmt.Errorf("autoconfig: %w", err)
		}
		if start, ok := tok.(xml.StartElement); ok {
			return readElement(dec, start, 1)
		}
	}
}

// readElement reads an element whose start has been read.
func readElement(dec *xml.Decoder, start xml.StartElement, depth int) (*element, error) {
	if depth > maxDepth {
		return nil, ErrTooDeep
	}
	e := &element{name: start.Name.Local, attrs: start.Attr}
	var text strings.Builder
	for {
		tok, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("autoconfig: %w", err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			c, err := readElement(dec, tok, depth+1)
			if err != nil {
				return nil, err
			}
			e.children = append(e.children, c)
		case xml.CharData:
			text.Write(tok)
		case xml.EndElement:
			e.text = strings.TrimSpace(text.String())
			return e, nil
		}
	}
}

// charsetReader decodes the encodings of the WHATWG Encoding Standard.
func charsetReader(label string, in io.Reader) (io.Reader, error) {
	enc, err := htmlindex.Get(label)
	if err != nil {
		return nil, fmt.Errorf("unknown encoding %q", label)
	}
	return enc.NewDecoder().Reader(in), nil
}
