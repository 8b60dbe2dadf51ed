package knowledge

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ExportYAML writes a provider in the format of providers/ID.yaml. Reading it
// back with Load gives the same provider.
func ExportYAML(p *Provider) ([]byte, error) {
	var buf bytes.Buffer
	enc := yaml.NewEncoder(&buf)
	enc.SetIndent(2)
	if err := enc.Encode(p); err != nil {
		return nil, fmt.Errorf("provider %s: %w", p.ID, err)
	}
	if err := enc.Close(); err != nil {
		return nil, fmt.Errorf("provider %s: %w", p.ID, err)
	}
	return buf.Bytes(), nil
}

// ExportArticle writes an article in the format of articles/TOPIC.LANG.md.
func ExportArticle(a *Article) ([]byte, error) {
	var buf bytes.Buffer
	buf.WriteString("---\n")
	enc := yaml.NewEncoder(&buf)
	enc.SetIndent(2)
	if err := enc.Encode(a); err != nil {
		return nil, fmt.Errorf("article %s.%s: %w", a.Topic, a.Lang, err)
	}
	if err := enc.Close(); err != nil {
		return nil, fmt.Errorf("article %s.%s: %w", a.Topic, a.Lang, err)
	}
	buf.WriteString("---\n")
	buf.WriteString(strings.TrimRight(a.Body, "\n") + "\n")
	return buf.Bytes(), nil
}

// csvHeader names the columns of ExportCSV.
var csvHeader = []string{
	"provider", "name", "kind", "country", "protocol", "host", "port", "security", "username", "auth",
	"state", "trust", "sources", "checked", "origin", "domains",
}

// ExportCSV writes one line per server (RFC 4180, with a header), current and
// outdated ones; a provider without servers gets one line. Lists are joined
// with spaces.
func ExportCSV(w io.Writer, providers []*Provider) error {
	out := csv.NewWriter(w)
	if err := out.Write(csvHeader); err != nil {
		return err
	}
	for _, p := range providers {
		for _, line := range csvLines(p) {
			if err := out.Write(line); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

// csvLines returns the lines of one provider.
func csvLines(p *Provider) [][]string {
	row := func(s Server, state string) []string {
		port := ""
		if s.Port != 0 {
			port = strconv.Itoa(int(s.Port))
		}
		line := []string{
			p.ID, p.Name, p.Kind, p.Country, string(s.Protocol), s.Host, port, string(s.Security), string(s.Username),
			strings.Join(s.Auth, " "), state, s.Trust, strings.Join(s.Sources, " "), p.Checked, string(p.Origin), strings.Join(p.Domains, " "),
		}
		for i, field := range line {
			line[i] = noFormula(field)
		}
		return line
	}
	var lines [][]string
	for _, s := range p.Servers {
		lines = append(lines, row(s, "current"))
	}
	for _, s := range p.Outdated {
		lines = append(lines, row(s, "outdated"))
	}
	if len(lines) == 0 {
		lines = append(lines, row(Server{}, "none"))
	}
	return lines
}

// noFormula keeps a spreadsheet from running a field as a formula.
func noFormula(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t", rune(s[0])) {
		return "'" + s
	}
	return s
}
