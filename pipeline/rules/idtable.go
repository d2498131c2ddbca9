package rules

import (
	"crypto/sha256"
	"hash/maphash"
)

// stand is what is remembered of an id.
type stand struct {
	row   int  // that it first stood in
	taken bool // that row passed
	twice bool // it stands in another row too, or that row was taken back
}

// idTable remembers where each id of a sheet first stood. There may be as many
// ids as rows, so it holds a copy of their bytes and little else: a map of
// strings costs twice as much, and keeps alive whatever the strings point into.
type idTable struct {
	seed  maphash.Seed
	slots []uint32 // where in records, from 1; 0 is free
	// Of each id its length, three bytes of row and flags, itself; in pages, so
	// that growing copies little.
	records [][]byte
	n       int                    // of ids
	hash    func(id string) uint64 // in tests, instead of maphash
}

const (
	flagTaken = 1 << 23
	flagTwice = 1 << 22 // rows end at 1 << 20

	pageBits  = 14
	headBytes = 4
	longestID = 32 // of a longer one, which no schema takes, a digest is held
)

// key is what stands for an id. A digest is longer than any id that stands for itself.
func key(id string) string {
	if len(id) <= longestID {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return "\x00" + string(sum[:])
}

// find gives where an id stands.
func (t *idTable) find(id string) (s stand, known bool) {
	if t == nil || t.n == 0 {
		return s, false
	}
	at := t.slots[t.slot(key(id))]
	if at == 0 {
		return s, false
	}
	r := t.record(at)
	row := int(r[1]) | int(r[2])<<8 | int(r[3])<<16
	return stand{row: row &^ (flagTaken | flagTwice), taken: row&flagTaken != 0, twice: row&flagTwice != 0}, true
}

// put tells where an id stands, new or known.
func (t *idTable) put(id string, s stand) {
	if 8*(t.n+1) > 7*len(t.slots) {
		t.grow()
	}
	id = key(id)
	i := t.slot(id)
	if t.slots[i] == 0 {
		t.slots[i] = t.add(id)
	}
	row := s.row
	if s.taken {
		row |= flagTaken
	}
	if s.twice {
		row |= flagTwice
	}
	r := t.record(t.slots[i])
	r[1], r[2], r[3] = byte(row), byte(row>>8), byte(row>>16)
}

// slot gives the slot that an id is in, or that it would be put in.
func (t *idTable) slot(id string) int {
	i := maphash.String(t.seed, id)
	if t.hash != nil {
		i = t.hash(id)
	}
	for ; ; i++ {
		slot := int(i & uint64(len(t.slots)-1))
		if at := t.slots[slot]; at == 0 || string(idOf(t.record(at))) == id {
			return slot
		}
	}
}

func (t *idTable) record(at uint32) []byte {
	at--
	return t.records[at>>pageBits][at&(1<<pageBits-1):]
}

func idOf(record []byte) []byte { return record[headBytes : headBytes+int(record[0])] }

// add keeps an id.
func (t *idTable) add(id string) (at uint32) {
	last := len(t.records) - 1
	if last < 0 || len(t.records[last])+headBytes+len(id) > 1<<pageBits {
		var page []byte // the first grows as it must: most sheets are short
		if last++; last > 0 {
			page = make([]byte, 0, 1<<pageBits)
		}
		t.records = append(t.records, page)
	}
	page := t.records[last]
	at = uint32(last)<<pageBits | uint32(len(page))
	t.records[last] = append(append(page, byte(len(id)), 0, 0, 0), id...)
	t.n++
	return at + 1
}

// grow doubles the slots.
func (t *idTable) grow() {
	if t.slots == nil {
		t.seed = maphash.MakeSeed() // decides nothing but the order of the slots
	}
	t.slots = make([]uint32, max(64, 2*len(t.slots)))
	for n, page := range t.records {
		for at := 0; at < len(page); at += headBytes + int(page[at]) {
			t.slots[t.slot(string(idOf(page[at:])))] = uint32(n)<<pageBits | uint32(at) + 1
		}
	}
}
