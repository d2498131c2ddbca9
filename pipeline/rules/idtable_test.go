package rules

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// An idTable is a map, however its ids collide, grow or fill its pages.
func TestIDTableIsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table, model := &idTable{}, map[string]stand{}
		switch rapid.IntRange(0, 2).Draw(t, "hash") {
		case 1:
			table.hash = func(id string) uint64 { return uint64(len(id)) }
		case 2:
			table.hash = func(string) uint64 { return 1<<64 - 1 }
		}
		for range rapid.IntRange(0, 300).Draw(t, "steps") {
			id := fmt.Sprintf("%s%d", strings.Repeat("x", rapid.SampledFrom([]int{0, 1, 30, 31, 32, 33, 5000}).Draw(t, "length")), rapid.IntRange(0, 99).Draw(t, "id"))
			got, known := table.find(id)
			want, there := model[id]
			if got != want || known != there {
				t.Fatalf("%q: %v %v, want %v %v", id, got, known, want, there)
			}
			s := stand{row: rapid.IntRange(1, 1<<20).Draw(t, "row"), taken: rapid.Bool().Draw(t, "taken"), twice: rapid.Bool().Draw(t, "twice")}
			table.put(id, s)
			model[id] = s
		}
		for id, want := range model {
			if got, known := table.find(id); got != want || !known {
				t.Fatalf("%q: %v %v, want %v", id, got, known, want)
			}
		}
		if table.n != len(model) {
			t.Fatalf("%d ids, want %d", table.n, len(model))
		}
	})
}

func TestALongIDTable(t *testing.T) {
	table := &idTable{}
	id := func(i int) string { return fmt.Sprintf("plan-2030-2031-c%02d-m%06d", i%40, i) }
	const n = 100_000
	for i := range n {
		if _, known := table.find(id(i)); known {
			t.Fatalf("%s is known before it came", id(i))
		}
		table.put(id(i), stand{row: i + 1, taken: i%2 == 0})
	}
	for i := range n {
		if s, known := table.find(id(i)); !known || s != (stand{row: i + 1, taken: i%2 == 0}) {
			t.Fatalf("%s: %v %v", id(i), s, known)
		}
	}
	held := 4 * len(table.slots)
	for _, p := range table.records {
		held += cap(p)
	}
	if each := held / n; each > 40 {
		t.Errorf("%d bytes for each id of %d", each, len(id(0)))
	}
	// The digest of one id is not another id.
	if _, known := table.find(key(strings.Repeat("y", 40))); known {
		t.Error("a digest is known")
	}
}

// The smallest text is an id, the empty table knows none.
func TestAnEmptyIDTable(t *testing.T) {
	var table *idTable
	if _, known := table.find("x"); known {
		t.Error("no table knows an id")
	}
	table = &idTable{}
	table.put("", stand{row: 7})
	if s, known := table.find(""); !known || s.row != 7 {
		t.Error(s, known)
	}
	table.put(strings.Repeat("é", 20), stand{row: 8})
	if s, known := table.find(strings.Repeat("é", 20)); !known || s.row != 8 {
		t.Error(s, known)
	}
}

func TestPlainAddressesHaveAHost(t *testing.T) {
	plain := 0
	rapid.Check(t, func(t *rapid.T) {
		address := rapid.OneOf(rapid.StringMatching(`https?://[a-zA-Z0-9._/-]{0,12}`),
			rapid.StringMatching(`(https?|ftp|HTTP|)(://|:/|:)[a-zA-Z0-9._/ @:\[\]?#%é-]{0,12}`)).Draw(t, "address")
		if !isPlainAddress(address) {
			return
		}
		plain++
		if u, err := url.Parse(address); err != nil || u.Host == "" {
			t.Fatalf("%q: %v %+v", address, err, u)
		}
	})
	if plain == 0 || !isPlainAddress("https://example.org/e/12.pdf") || isPlainAddress("https:///x") || isPlainAddress("https://[x") {
		t.Error("the test says little")
	}
}
