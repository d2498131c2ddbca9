package release

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"iltizam/output/bucket"
)

// aliasesKey remembers what was last written under latest/, so that a run with
// nothing to do needs one listing to know it.
const aliasesKey = "_state/aliases.json"

const aliasTries = 3

type aliasNotes struct {
	Aliases map[string]aliasNote `json:"aliases"`
	Version int                  `json:"version"`
}

type aliasNote struct {
	SHA256 string `json:"sha256"`
	Stamp  string `json:"stamp"`
}

// aliases brings the copies under latest/ to what a head's manifest says. Each
// copy is whole by itself; together they follow the head.
type aliases struct {
	b        bucket.Bucket
	head     *Head
	manifest *Manifest
	parallel int
	body     func(context.Context, ManifestFile) bucket.Body

	mu       sync.Mutex
	notes    map[string]aliasNote
	written  int
	removed  int
	overtook bool // a newer head is there; its publisher sees to the copies
}

func (a *aliases) refresh(ctx context.Context, out *Outcome) error {
	err := a.follow(ctx)
	out.Aliases, out.Removed = a.written, a.removed
	if err != nil {
		return fmt.Errorf("refresh %s of release %s: %w: %w", latest, a.head.Release, ErrAliases, err)
	}
	return nil
}

// follow runs until the head stands still. A newer head's publisher may have
// looked at a copy just before we wrote ours over it: whoever wrote and was
// overtaken goes on for the newer head.
func (a *aliases) follow(ctx context.Context) error {
	for range aliasTries {
		if err := a.run(ctx); err != nil || !a.overtook || a.written+a.removed == 0 {
			return err
		}
		head, _, err := Current(ctx, a.b)
		if err != nil || head == nil {
			return err
		}
		m, err := Load(ctx, a.b, head)
		if err != nil {
			return err
		}
		a.head, a.manifest, a.overtook = head, m, false
		a.body = func(ctx context.Context, f ManifestFile) bucket.Body { return remoteBody(ctx, a.b, f) }
	}
	return nil // others publish as fast as we can look; the last of them ends it
}

func (a *aliases) run(ctx context.Context) error {
	before, err := readNotes(ctx, a.b)
	if err != nil {
		return err
	}
	todo, surplus, err := a.plan(ctx, before)
	if err != nil {
		return err
	}
	if len(todo)+len(surplus) == 0 && maps.Equal(a.notes, before) {
		return nil
	}
	todo, err = a.writeMany(ctx, todo)
	if err != nil || a.overtook {
		return err
	}
	err = each(ctx, a.parallel, todo, func(f ManifestFile) error { return a.write(ctx, f) })
	if err != nil || a.overtook {
		return err
	}
	if err := a.remove(ctx, surplus); err != nil {
		return err
	}
	if moved, err := a.moved(ctx); err != nil || moved {
		return err
	}
	return a.writeNotes(ctx)
}

// remove takes away the copies of files that are no more.
func (a *aliases) remove(ctx context.Context, surplus []string) error {
	for _, key := range surplus {
		if moved, err := a.moved(ctx); err != nil || moved {
			return err
		}
		err := a.b.Delete(ctx, key)
		if errors.Is(err, bucket.ErrDenied) {
			return nil // a publisher that may not delete is well kept; Verify names what stays
		}
		if err != nil {
			return err
		}
		a.removed++
	}
	return nil
}

// plan compares one listing with the manifest: which copies to look at and
// which are of no file any more.
func (a *aliases) plan(ctx context.Context, before map[string]aliasNote) (todo []ManifestFile, surplus []string, err error) {
	listed := make(map[string]bucket.Object)
	for o, err := range a.b.List(ctx, latest) {
		if err != nil {
			return nil, nil, err
		}
		listed[o.Key] = o
	}
	a.notes = make(map[string]aliasNote)
	for _, f := range a.manifest.Files {
		if f.Alias == "" {
			continue
		}
		o, there := listed[f.Alias]
		delete(listed, f.Alias)
		note := aliasNote{SHA256: f.SHA256, Stamp: o.Stamp}
		if there && o.Size == f.Size && (o.SHA256 == f.SHA256 || before[f.Alias] == note) {
			a.notes[f.Alias] = note
		} else {
			todo = append(todo, f)
		}
	}
	return todo, slices.Sorted(maps.Keys(listed)), nil
}

// writeMany puts copies in their place at once, where the store can do that. It
// gives those that need a write of their own.
func (a *aliases) writeMany(ctx context.Context, todo []ManifestFile) ([]ManifestFile, error) {
	if _, ok := a.b.(bucket.Batcher); !ok {
		return todo, nil
	}
	conds := make(map[string]bucket.Cond, len(todo))
	var mu sync.Mutex
	err := each(ctx, a.parallel, todo, func(f ManifestFile) error {
		cond, there, err := a.look(ctx, f)
		if err == nil && !there {
			mu.Lock()
			defer mu.Unlock()
			conds[f.Alias] = cond
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	// Asked after the look, as write does.
	if moved, err := a.moved(ctx); err != nil || moved {
		return nil, err
	}
	var files []ManifestFile
	var items []bucket.Item
	for _, f := range todo {
		if cond, ok := conds[f.Alias]; ok {
			files = append(files, f)
			items = append(items, bucket.Item{Key: f.Alias, Body: a.body(ctx, f), Cond: cond})
		}
	}
	objects, err := bucket.PutAll(ctx, a.b, items)
	if errors.Is(err, errors.ErrUnsupported) {
		return files, nil
	}
	if err != nil {
		return nil, err
	}
	var left []ManifestFile
	for i, f := range files {
		if objects[i].Key == "" {
			left = append(left, f)
		} else {
			a.note(f, objects[i], true)
		}
	}
	return left, nil
}

// write puts one copy in its place if it is not there already.
func (a *aliases) write(ctx context.Context, f ManifestFile) error {
	var failed error
	for range aliasTries {
		cond, there, err := a.look(ctx, f)
		if err != nil || there {
			return err
		}
		// Asked after the look: what a newer publisher wrote before it is not ours
		// to replace, and what it writes after it fails our condition.
		if moved, err := a.moved(ctx); err != nil || moved {
			return err
		}
		var o bucket.Object
		o, failed = a.b.Put(ctx, f.Alias, a.body(ctx, f), cond)
		if failed == nil {
			a.note(f, o, true)
			return nil
		}
		if !errors.Is(failed, bucket.ErrPrecondition) && !errors.Is(failed, bucket.ErrUnreachable) {
			return failed
		}
	}
	return failed
}

// look tells whether a copy is in its place, else under which condition to write
// it: one that keeps it from undoing what a newer publisher wrote since.
func (a *aliases) look(ctx context.Context, f ManifestFile) (cond bucket.Cond, there bool, err error) {
	o, err := a.b.Stat(ctx, f.Alias)
	switch {
	case errors.Is(err, bucket.ErrNotExist):
		return bucket.Cond{IfAbsent: true}, false, nil
	case err != nil:
		return bucket.Cond{}, false, err
	case o.Size == f.Size && o.SHA256 == f.SHA256:
		a.note(f, o, false)
		return bucket.Cond{}, true, nil
	}
	return bucket.Cond{IfMatch: o.ETag}, false, nil
}

func (a *aliases) note(f ManifestFile, o bucket.Object, wrote bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.notes[f.Alias] = aliasNote{SHA256: f.SHA256, Stamp: o.Stamp}
	if wrote {
		a.written++
	}
}

// moved tells whether another commit came after ours.
func (a *aliases) moved(ctx context.Context) (bool, error) {
	now, _, err := Current(ctx, a.b)
	if err != nil {
		return false, err
	}
	moved := now == nil || now.Generation != a.head.Generation || now.Nonce != a.head.Nonce
	if moved {
		a.mu.Lock()
		a.overtook = true
		a.mu.Unlock()
	}
	return moved, nil
}

// readNotes gives what was noted; notes that are absent or cannot be read cost
// a look at each copy, no more.
func readNotes(ctx context.Context, b bucket.Bucket) (map[string]aliasNote, error) {
	raw, _, err := fetch(ctx, b, aliasesKey, manifestLimit)
	if errors.Is(err, bucket.ErrNotExist) || errors.Is(err, ErrDamaged) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var n aliasNotes
	if json.Unmarshal(raw, &n) != nil || n.Version != 1 {
		return nil, nil
	}
	return n.Aliases, nil
}

func (a *aliases) writeNotes(ctx context.Context) error {
	text, err := canonical(aliasNotes{Version: 1, Aliases: a.notes}, "")
	if err != nil {
		return err
	}
	_, err = a.b.Put(ctx, aliasesKey, bucket.Bytes(text), bucket.Cond{})
	return err
}
