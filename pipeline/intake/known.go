package intake

import (
	"context"
	"io"
	"maps"
	"slices"

	"iltizam/pipeline/compact"
)

// Known is what earlier runs found in the archive and in the inbox, so that no
// file is read twice. It is a cache: an empty one costs time, nothing else.
type Known struct {
	receipts map[string]*Workbook // by receipt key
	files    map[string]seen      // by inbox key
	changed  bool
}

type seen struct {
	size    int64
	version string
	digest  string
}

const (
	// knownKey is where an archive keeps its Known.
	knownKey   = "cache/known"
	knownMagic = "iltizam known 1\n"
)

// LoadKnown reads what earlier runs found. What is not there, or is not whole, is
// not known.
func LoadKnown(ctx context.Context, archive Source) *Known {
	k := &Known{receipts: map[string]*Workbook{}, files: map[string]seen{}}
	r, err := archive.Open(ctx, knownKey)
	if err != nil {
		return k
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		return k
	}
	k.parse(string(b))
	return k
}

func (k *Known) parse(text string) {
	body, ok := compact.Unseal(knownMagic, text)
	if !ok {
		return
	}
	r := compact.NewReader(body)
	receipts, files := map[string]*Workbook{}, map[string]seen{}
	for range r.Count() {
		w := &Workbook{receiptSize: r.Int(), Digest: r.Digest(), Size: r.Int(), Institution: r.Text(), Path: r.Text(), ReceivedAt: r.Text()}
		receipts[w.receiptKey()] = w
	}
	for range r.Count() {
		key := r.Text()
		files[key] = seen{r.Int(), r.Text(), r.Digest()}
	}
	if r.Whole() {
		k.receipts, k.files = receipts, files
	}
}

// Save keeps what is known for later runs, if this one learnt anything.
func (k *Known) Save(ctx context.Context, archive Store) error {
	if !k.changed {
		return nil
	}
	w := &compact.Writer{}
	w.Int(int64(len(k.receipts)))
	for _, key := range slices.Sorted(maps.Keys(k.receipts)) {
		x := k.receipts[key]
		w.Int(x.receiptSize)
		w.Digest(x.Digest)
		w.Int(x.Size)
		w.Text(x.Institution)
		w.Text(x.Path)
		w.Text(x.ReceivedAt)
	}
	w.Int(int64(len(k.files)))
	for _, key := range slices.Sorted(maps.Keys(k.files)) {
		x := k.files[key]
		w.Text(key)
		w.Int(x.size)
		w.Text(x.version)
		w.Digest(x.digest)
	}
	return archive.Replace(ctx, knownKey, compact.Seal(knownMagic, w.Bytes))
}

// receipt gives the workbook of a receipt that was read before, nil for another one.
func (k *Known) receipt(e Entry, archive Store) *Workbook {
	w := k.receipts[e.Key]
	if w == nil || w.receiptSize != e.Size {
		return nil
	}
	w.archive = archive
	return w
}

// file tells of a file of the inbox that was read before and not written since.
func (k *Known) file(e Entry) (file, bool) {
	s, ok := k.files[e.Key]
	if !ok || e.Version == "" || s.version != e.Version || s.size != e.Size {
		return file{}, false
	}
	return file{digest: s.digest, size: s.size}, true
}

// learn takes what a run found. A receipt written in it is known from the next
// one on, which sees its size.
func (k *Known) learn(receipts map[string]*Workbook, entries []Entry, files map[string]file) {
	held := map[string]*Workbook{}
	for key, w := range receipts {
		if w.receiptSize > 0 {
			held[key] = w
			k.changed = k.changed || k.receipts[key] == nil
		}
	}
	k.changed = k.changed || len(held) != len(k.receipts)
	k.receipts = held
	inbox := map[string]seen{}
	for _, e := range entries {
		if f, ok := files[e.Key]; ok && e.Version != "" && f.size == e.Size {
			inbox[e.Key] = seen{e.Size, e.Version, f.digest}
			k.changed = k.changed || f.fresh
		}
	}
	k.files = inbox // what was taken away goes with the next change
}
