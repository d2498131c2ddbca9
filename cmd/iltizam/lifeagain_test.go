package main

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"iltizam/pipeline"
	"iltizam/pipeline/intake"
)

// again is a life with what another one's archive holds but for some of its
// folders, and with its inbox; nothing of it was answered or published.
func (l *life) again(t *testing.T, without ...string) *life {
	t.Helper()
	n := newLife(t, l.plans, l.events)
	for _, place := range []string{"inbox", "archive"} {
		if err := os.CopyFS(n.place(place), os.DirFS(l.place(place))); err != nil {
			t.Fatal(err)
		}
	}
	for _, folder := range without {
		if _, err := os.Stat(filepath.Join(n.place("archive"), folder)); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(n.place("archive"), folder)); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// The folders of an archive that can be made again from the others.
const (
	lifeCache    = "cache"
	lifeVerdicts = "verdicts"
)

// sameAgain holds that the life's last release does not hang on how its archive
// is read, on what is remembered beside it, on the runs that came before.
func (l *life) sameAgain(t *testing.T, published map[string]string) {
	days := l.days()
	last := days[len(days)-1]
	want := published[last]
	t.Run("once at the end", func(t *testing.T) {
		n := l.again(t, lifeCache, lifeVerdicts)
		for _, e := range l.events { // all of them lie in the inbox
			n.drop(e)
		}
		if got := n.command(last); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		wantSame(t, "what is kept", n.kept(t), l.kept(t)) // each judged again, as on its day
	})
	t.Run("without caches", func(t *testing.T) {
		if got := l.again(t, lifeCache).runOn(last, "", nil); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
	orders := map[string]func(entries []intake.Entry){
		"in reverse": slices.Reverse[[]intake.Entry],
		"shuffled": func(entries []intake.Entry) {
			rand.New(rand.NewPCG(1, 2)).Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
		},
	}
	for name, order := range orders {
		t.Run(name, func(t *testing.T) {
			if got := l.again(t, lifeCache, lifeVerdicts).runOn(last, "", func(in *pipeline.Input) {
				in.Inbox, in.Archive = orderedInbox{in.Inbox, order}, ordered{in.Archive, order}
			}); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		})
	}
	for _, day := range []string{days[len(days)/4], days[len(days)/2], days[3*len(days)/4]} {
		t.Run("as of "+day, func(t *testing.T) {
			if got := l.again(t).runOn(last, day, nil); got != published[day] {
				t.Errorf("%s, want %s", got, published[day])
			}
		})
	}
}

// ordered is a store that lists its files in another order.
type ordered struct {
	intake.Store
	order func([]intake.Entry)
}

func (o ordered) List(ctx context.Context, prefix string) ([]intake.Entry, error) {
	entries, err := o.Store.List(ctx, prefix)
	o.order(entries)
	return entries, err
}

// orderedInbox is an inbox that does.
type orderedInbox struct {
	intake.Source
	order func([]intake.Entry)
}

func (o orderedInbox) List(ctx context.Context, prefix string) ([]intake.Entry, error) {
	entries, err := o.Source.List(ctx, prefix)
	o.order(entries)
	return entries, err
}

// removing holds that a submission that is taken out of the archive leaves what
// there would be without it, whatever is remembered of it.
func (l *life) removing(t *testing.T, e *lifeEvent) {
	days := l.days()
	last := days[len(days)-1]
	took := func(n *life) *life {
		found := 0
		for _, folder := range []string{"raw/" + e.digest()[:2], "receipts/" + e.folder, lifeVerdicts + "/*"} {
			names, err := filepath.Glob(filepath.Join(n.place("archive"), filepath.FromSlash(folder), e.digest()+"*"))
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range names {
				found++
				if err := os.Remove(name); err != nil {
					t.Fatal(err)
				}
			}
		}
		if found < 2 {
			t.Fatalf("of %s %s %d files were found", e.day, e.file, found)
		}
		n.empty("inbox")
		return n
	}
	whole := l.release(l.public)
	taken := took(l.again(t)).runOn(last, "", nil)
	never := took(l.again(t, lifeCache, lifeVerdicts)).runOn(last, "", nil)
	if taken != never || taken == whole {
		t.Errorf("%s; had it never been there %s; with it %s", taken, never, whole)
	}
}
