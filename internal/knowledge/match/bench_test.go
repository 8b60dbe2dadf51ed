package match

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// message300 is a message of 300 characters, the length that the speed goals speak of.
var message300 = strings.TrimSpace(`Guten Tag, seit gestern kann ich mit Thunderbird keine Mails mehr verschicken, der Empfang
funktioniert aber einwandfrei. Es kommt immer die Meldung, dass die Anmeldung auf dem Server smtp.gmx.net
mit meinem Benutzernamen fehlgeschlagen ist. Am Handy geht alles ohne Probleme. Was kann ich tun? Vielen Dank`)

func BenchmarkNew(b *testing.B) {
	book := testBook(b)
	for b.Loop() {
		New(book)
	}
}

func BenchmarkTrain(b *testing.B) {
	book := testBook(b)
	for b.Loop() {
		Train(book)
	}
}

func BenchmarkMatch300(b *testing.B) {
	m := New(testBook(b))
	m.Model()
	b.ReportAllocs()
	for b.Loop() {
		m.Match(message300, Context{})
	}
}

func BenchmarkMatchCommand(b *testing.B) {
	m := New(testBook(b))
	b.ReportAllocs()
	for b.Loop() {
		m.Match("/settings gmx imap", Context{})
	}
}

func BenchmarkMatch100KB(b *testing.B) {
	m := New(testBook(b))
	m.Model()
	big := strings.Repeat(message300+"\n", 340)
	for b.Loop() {
		m.Match(big, Context{})
	}
}

// BenchmarkMatchLabelled reads the labelled messages, each made up to about 300
// characters, and reports the median and the 99th percentile of one message.
func BenchmarkMatchLabelled(b *testing.B) {
	f, err := os.Open("testdata/messages.jsonl")
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var texts []string
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var m struct{ Text string }
		if err := json.Unmarshal(sc.Bytes(), &m); err != nil {
			b.Fatal(err)
		}
		texts = append(texts, strings.Repeat(m.Text+". ", 1+300/(len(m.Text)+3)))
	}
	m := New(testBook(b))
	m.Model()
	var took []time.Duration
	for b.Loop() {
		for _, t := range texts {
			start := time.Now()
			m.Match(t, Context{})
			took = append(took, time.Since(start))
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds()), "p50-ns")
	b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds()), "p99-ns")
}
