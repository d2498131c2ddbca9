package pipeline

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/s2"

	"iltizam/pipeline/compact"
	"iltizam/pipeline/intake"
	"iltizam/pipeline/record"
)

// shelf is a cache of the briefs of all records, in the order of merging, so that
// a run need not open a file for each workbook. It stays compressed in memory; one
// block at a time is opened.
type shelf struct {
	slots  map[string]*slot // by the stem of the record
	blocks []block
	open   int      // the block in briefs, plus 1
	briefs []string // of the open block
	dec    record.Decoder
}

// slot is the place of a brief on the shelf.
type slot struct {
	stem       string
	period     string
	plans      string // SHA-256 over the plans that it was judged by
	awaitsPlan bool
	round      int
	size       int64 // bytes of the record
	block, at  int
}

type block struct {
	packed string
	slots  []*slot
}

const (
	shelfKey   = "cache/briefs"
	shelfMagic = "iltizam briefs 1\n"
	// perBlock is how many briefs are compressed together.
	perBlock = 64
)

// openShelf reads the cache; what is not whole is not there.
func openShelf(ctx context.Context, archive intake.Source) *shelf {
	r, err := archive.Open(ctx, shelfKey)
	if err != nil {
		return &shelf{}
	}
	defer r.Close()
	var text strings.Builder
	if _, err := io.Copy(&text, r); err != nil {
		return &shelf{}
	}
	s, ok := parseShelf(text.String())
	if !ok {
		return &shelf{}
	}
	return s
}

func parseShelf(text string) (*shelf, bool) {
	body, ok := compact.Unseal(shelfMagic, text)
	if !ok {
		return nil, false
	}
	s := &shelf{slots: map[string]*slot{}}
	r := compact.NewReader(body)
	plans := r.Texts()
	for i := range r.Count() {
		b := block{packed: r.Text()}
		for at := range r.Count() {
			x := &slot{stem: r.Text(), period: r.Text(), block: i, at: at}
			if n := r.Count(); n < len(plans) {
				x.plans = plans[n]
			}
			x.awaitsPlan, x.round, x.size = r.Bool(), int(r.Int()), r.Int()
			s.slots[x.stem] = x
			b.slots = append(b.slots, x)
		}
		s.blocks = append(s.blocks, b)
	}
	return s, r.Whole()
}

// brief gives what lies in a slot.
func (s *shelf) brief(x *slot) (*record.Brief, error) {
	if s.open != x.block+1 {
		raw, err := s2.Decode(nil, []byte(s.blocks[x.block].packed))
		if err != nil {
			return nil, fmt.Errorf("read cache of verdicts: %w", err)
		}
		r := compact.NewReader(string(raw))
		if s.briefs = r.Texts(); !r.Whole() {
			return nil, fmt.Errorf("read cache of verdicts: block %d is not whole", x.block)
		}
		s.open = x.block + 1
	}
	if x.at >= len(s.briefs) {
		return nil, fmt.Errorf("read cache of verdicts: block %d lacks brief %d", x.block, x.at)
	}
	// A copy of its own: a row that holds keeps its workbook's texts in memory, not
	// those of the whole block.
	return s.dec.Decode(strings.Clone(s.briefs[x.at]))
}

// briefOf gives the brief of a workbook, from memory or from the shelf; where
// that cannot be read, from its record.
func (r *run) briefOf(ctx context.Context, b *book) (*record.Brief, error) {
	if b.brief != nil {
		return b.brief, nil
	}
	brief, err := r.shelf.brief(b.slot)
	if err == nil {
		return brief, nil
	}
	rec, text, err := loadRecord(ctx, r.Archive, b.w)
	if err != nil {
		return nil, err
	}
	b.slot = nil
	b.take(rec, text, false)
	return b.brief, nil
}

// save writes the cache anew, if it is not what this run found. Blocks that stay
// as they are are copied.
func (s *shelf) save(ctx context.Context, archive intake.Store, order []*book) error {
	fresh := len(order) != len(s.slots)
	for _, b := range order {
		fresh = fresh || b.slot == nil
	}
	if !fresh {
		return nil
	}
	w := &shelfWriter{plans: map[string]int{}}
	for i := 0; i < len(order); {
		if x := order[i].slot; x != nil && x.at == 0 && s.stays(x.block, order[i:]) {
			w.flush()
			w.copy(s.blocks[x.block])
			i += len(s.blocks[x.block].slots)
			continue
		}
		b := order[i]
		brief := b.brief
		if brief == nil {
			var err error
			if brief, err = s.brief(b.slot); err != nil {
				return err
			}
		}
		w.add(&slot{stem: recordStem(b.w), period: b.period, plans: brief.JudgedBy.Plans, awaitsPlan: awaitsPlan(brief.Tallies),
			round: b.w.Round, size: b.size}, brief)
		i++
	}
	return archive.Replace(ctx, shelfKey, w.bytes())
}

// stays tells whether the books to come are those of a full block, in its order.
func (s *shelf) stays(n int, order []*book) bool {
	slots := s.blocks[n].slots
	if len(slots) < perBlock || len(slots) > len(order) {
		return false
	}
	for i, x := range slots {
		if order[i].slot != x {
			return false
		}
	}
	return true
}

type shelfWriter struct {
	plans  map[string]int
	list   []string
	n      int
	blocks compact.Writer
	slots  []*slot
	briefs [][]byte
}

func (w *shelfWriter) add(x *slot, brief *record.Brief) {
	w.slots, w.briefs = append(w.slots, x), append(w.briefs, brief.AppendBinary(nil))
	if len(w.slots) == perBlock {
		w.flush()
	}
}

func (w *shelfWriter) flush() {
	if len(w.slots) == 0 {
		return
	}
	raw := &compact.Writer{}
	raw.Int(int64(len(w.briefs)))
	for _, b := range w.briefs {
		raw.Text(string(b))
	}
	w.copy(block{packed: string(s2.Encode(nil, raw.Bytes)), slots: w.slots})
	w.slots, w.briefs = nil, nil
}

func (w *shelfWriter) copy(b block) {
	w.n++
	w.blocks.Text(b.packed)
	w.blocks.Int(int64(len(b.slots)))
	for _, x := range b.slots {
		n, ok := w.plans[x.plans]
		if !ok {
			n = len(w.list)
			w.plans[x.plans] = n
			w.list = append(w.list, x.plans)
		}
		w.blocks.Text(x.stem)
		w.blocks.Text(x.period)
		w.blocks.Int(int64(n))
		w.blocks.Bool(x.awaitsPlan)
		w.blocks.Int(int64(x.round))
		w.blocks.Int(x.size)
	}
}

func (w *shelfWriter) bytes() []byte {
	w.flush()
	head := &compact.Writer{}
	head.Texts(w.list)
	head.Int(int64(w.n))
	return compact.Seal(shelfMagic, append(head.Bytes, w.blocks.Bytes...))
}
