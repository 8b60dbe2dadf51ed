package match

import (
	"strings"
	"testing"
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
