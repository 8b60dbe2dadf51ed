package match

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
)

// modelMagic names the format and its version; a model of another version is
// not read but trained anew.
const modelMagic = "mhbmodel5"

// lexiconSum tells apart the versions of the lexicon, whose concepts are
// features of a model.
func lexiconSum() uint32 {
	return crc32.Update(crc32.ChecksumIEEE([]byte(conceptData)), crc32.IEEETable, []byte(ruleData))
}

// Encode returns the model as bytes that Decode reads. Weights are bytes with
// one scale per feature, just as they are after training, so that a decoded
// model decides exactly as the trained one.
func (m *Model) Encode() []byte {
	room := 4*len(m.near.topics) + 2*len(m.near.ids) + 16*len(m.near.weights) + 4*len(m.words) + 4*len(m.stems) + 1<<14
	for _, l := range []*linear{m.text, m.cause} {
		room += 12*len(l.scale) + 2*len(l.cells)
	}
	b := binary.BigEndian.AppendUint32(append(make([]byte, 0, room), modelMagic...), lexiconSum())
	for _, l := range []*linear{m.text, m.cause} {
		b = l.append(b)
	}
	b = m.near.append(b)
	b = binary.AppendUvarint(b, uint64(len(m.words)))
	keys := make([]uint32, 0, len(m.words))
	for h := range m.words {
		keys = append(keys, h)
	}
	slices.Sort(keys)
	last := uint32(0)
	for _, h := range keys {
		b = append(binary.AppendUvarint(b, uint64(h-last)), byte(m.words[h]))
		last = h
	}
	b = binary.AppendUvarint(b, uint64(len(m.stems)))
	for _, h := range m.stems {
		b = binary.LittleEndian.AppendUint32(b, h)
	}
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
}

// Decode reads what Encode wrote. It fails on anything else, including a model
// of another version of the program.
func Decode(data []byte) (*Model, error) {
	head := binary.BigEndian.AppendUint32([]byte(modelMagic), lexiconSum())
	if len(data) < len(head)+4 || !bytes.HasPrefix(data, head) {
		return nil, errors.New("match: not a model of this version")
	}
	body, sum := data[:len(data)-4], binary.BigEndian.Uint32(data[len(data)-4:])
	if crc32.ChecksumIEEE(body) != sum {
		return nil, errors.New("match: the model is damaged")
	}
	d := &decoder{b: body[len(head):]}
	m := &Model{text: d.linear(2), cause: d.linear(1)}
	m.near = d.neighbours(len(m.topics()))
	n := d.count(2)
	m.words = make(vocabulary, n)
	h := uint32(0)
	for range n {
		h += uint32(d.uvarint())
		m.words[h] = wordUse(d.byte())
	}
	m.stems = make(phraseStems, d.count(4))
	for i := range m.stems {
		m.stems[i] = binary.LittleEndian.Uint32(d.bytes(4))
	}
	if d.failed || len(d.b) > 0 {
		return nil, errors.New("match: the model is cut off")
	}
	return m, nil
}

func (m *linear) append(b []byte) []byte {
	for _, h := range m.heads {
		b = binary.AppendUvarint(b, uint64(len(h)))
		for _, c := range h {
			b = binary.AppendUvarint(b, uint64(len(c)))
			b = append(b, c...)
		}
	}
	keys := make([]uint32, m.rows.used)
	for i, r := range m.rows.values {
		if r > 0 {
			keys[r-1] = m.rows.keys[i]
		}
	}
	b = binary.AppendUvarint(b, uint64(len(keys)))
	b = binary.AppendUvarint(b, uint64(len(m.cells)))
	last := uint32(0)
	for i, h := range keys { // rows are in the order of their hashes
		b = binary.AppendUvarint(b, uint64(h-last))
		last = h
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(m.scale[i]))
		row := m.cells[m.first[i]:m.first[i+1]]
		b = binary.AppendUvarint(b, uint64(len(row)))
		for _, c := range row {
			b = append(b, c.gap, byte(c.weight))
		}
	}
	return b
}

// decoder reads from b; after the first failure it yields zeros.
type decoder struct {
	b      []byte
	failed bool
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.failed, d.b = true, nil
		return 0
	}
	d.b = d.b[n:]
	return v
}

// count reads the number of records of at least size bytes each.
func (d *decoder) count(size int) int {
	n := d.uvarint()
	if n > uint64(len(d.b)/size) {
		d.failed, d.b = true, nil
		return 0
	}
	return int(n)
}

func (d *decoder) bytes(n int) []byte {
	if n > len(d.b) {
		d.failed, d.b = true, nil
		return make([]byte, min(n, 1<<10))
	}
	out := d.b[:n]
	d.b = d.b[n:]
	return out
}

func (d *decoder) byte() byte { return d.bytes(1)[0] }

func (d *decoder) linear(heads int) *linear {
	list := make([][]string, heads)
	for h := range list {
		list[h] = make([]string, d.count(1))
		for i := range list[h] {
			list[h][i] = string(d.bytes(d.count(1)))
		}
	}
	m := newLinear(list)
	n := d.count(6)
	cells := d.count(2)
	m.rows, m.scale, m.first, m.cells = newTable(n), make([]float32, n), make([]uint32, 1, n+1), make([]cell, 0, cells)
	h := uint32(0)
	for i := range n {
		last := h
		if h += uint32(d.uvarint()); i > 0 && h <= last {
			d.failed = true
		}
		m.rows.add(h, int32(i+1))
		m.scale[i] = math.Float32frombits(binary.LittleEndian.Uint32(d.bytes(4)))
		d.cells(m)
		if d.failed {
			return m
		}
	}
	return m
}

// cells reads a row of m.
func (d *decoder) cells(m *linear) {
	row := d.bytes(2 * d.count(2))
	class := 0
	for i := 0; i < len(row); i += 2 {
		class += int(row[i])
		m.cells = append(m.cells, cell{row[i], int8(row[i+1])})
	}
	m.first = append(m.first, uint32(len(m.cells)))
	d.failed = d.failed || class >= m.width
}

// String says how large the model is.
func (m *Model) String() string {
	return fmt.Sprintf("%d topics, %d features", len(m.topics()), m.text.rows.used)
}
