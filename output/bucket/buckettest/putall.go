package buckettest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"iltizam/output/bucket"
)

func putAll(t *testing.T, whole bucket.Bucket) {
	b := bucket.Prefixed(whole, "part")
	if objects, err := bucket.PutAll(t.Context(), b, nil); errors.Is(err, errors.ErrUnsupported) {
		_, err := bucket.PutAll(t.Context(), b, []bucket.Item{{Key: "x", Body: bucket.Bytes(nil)}})
		wantErr(t, "put all", err, errors.ErrUnsupported)
		if got := keys(list(t, b, "")); got != "" {
			t.Errorf("what is not supported wrote %s", got)
		}
		return
	} else if err != nil || len(objects) != 0 {
		t.Fatalf("put none: %v, %v", objects, err)
	}
	old := put(t, b, "old", "old", bucket.Cond{})
	stale := put(t, b, "stale", "stale", bucket.Cond{})
	items := []bucket.Item{
		{Key: "stale", Body: bucket.Bytes([]byte("new")), Cond: bucket.Cond{IfAbsent: true}},
		{Key: "old", Body: bucket.Bytes([]byte("new")), Cond: bucket.Cond{IfMatch: old.ETag}},
		{Key: "other", Body: bucket.Bytes([]byte("new")), Cond: bucket.Cond{IfMatch: stale.ETag}},
		{Key: "first", Body: bucket.Bytes([]byte("new")), Cond: bucket.Cond{IfAbsent: true}},
	}
	for i := range 600 {
		items = append(items, bucket.Item{Key: fmt.Sprintf("many/%d/%d", i/10, i), Body: bucket.Bytes([]byte(fmt.Sprint(i)))})
	}
	objects, err := bucket.PutAll(t.Context(), b, items)
	if err != nil || len(objects) != len(items) {
		t.Fatalf("%d objects of %d: %v", len(objects), len(items), err)
	}
	for i, item := range items {
		refused := i == 0 || i == 2
		if refused != (objects[i] == bucket.Object{}) {
			t.Errorf("%s: got %+v", item.Key, objects[i])
		}
		o, err := b.Stat(t.Context(), item.Key)
		switch {
		case i == 0 && o.SHA256 == stale.SHA256, i == 2 && errors.Is(err, bucket.ErrNotExist), !refused && o == objects[i] && o.SHA256 == item.Body.SHA256:
		default:
			t.Errorf("%s: stat %+v, %v; put %+v", item.Key, o, err, objects[i])
		}
	}
	for _, bad := range []struct {
		item bucket.Item
		want error
	}{
		{bucket.Item{Key: "bad", Body: bucket.Body{Open: bucket.Bytes(nil).Open, Size: 1, SHA256: bucket.Bytes(nil).SHA256}}, bucket.ErrDigest},
		{bucket.Item{Key: "a b", Body: bucket.Bytes(nil)}, bucket.ErrKey},
	} {
		_, err = bucket.PutAll(t.Context(), b, []bucket.Item{{Key: "good", Body: bucket.Bytes(nil)}, bad.item})
		wantErr(t, "put all with "+bad.item.Key, err, bad.want)
		if err != nil && !strings.Contains(err.Error(), bad.item.Key) {
			t.Errorf("%v does not name %s", err, bad.item.Key)
		}
		if _, err := b.Stat(t.Context(), "bad"); !errors.Is(err, bucket.ErrNotExist) {
			t.Errorf("bad: %v", err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = bucket.PutAll(ctx, b, []bucket.Item{{Key: "late", Body: bucket.Bytes(nil)}})
	wantErr(t, "put all after the end", err, context.Canceled)
}
