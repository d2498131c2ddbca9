package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"

	"iltizam/pipeline/intake"
	"iltizam/pipeline/record"
)

// recordPrefix is where an archive keeps the verdicts on its workbooks. They are
// not a cache: a verdict holds from the day on which it was made.
const recordPrefix = "verdicts/"

// ErrDamagedVerdict says that a verdict on record cannot be read. It is not made
// anew: the rules of today might say otherwise of what was published.
var ErrDamagedVerdict = errors.New("the verdict is damaged")

// maxRecord bounds what is read of one record, in bytes.
const maxRecord = 1 << 30

// recordFile is what a listing tells of the records of one receipt.
type recordFile struct {
	round int   // of the newest
	size  int64 // bytes of the newest
}

// recordStem names the records of a workbook: that of round 1 is the stem with
// .json at its end, that of round 2 ends in .2.json.
func recordStem(w *intake.Workbook) string { return recordPrefix + w.Stem() }

func recordKey(w *intake.Workbook) string {
	if w.Round > 1 {
		return recordStem(w) + "." + strconv.Itoa(w.Round) + ".json"
	}
	return recordStem(w) + ".json"
}

// listRecords tells which verdicts are on record, by stem.
func listRecords(ctx context.Context, archive intake.Source) (map[string]recordFile, error) {
	entries, err := archive.List(ctx, recordPrefix)
	if err != nil {
		return nil, fmt.Errorf("list verdicts: %w", err)
	}
	held := make(map[string]recordFile, len(entries))
	for _, e := range entries {
		stem, ok := strings.CutSuffix(e.Key, ".json")
		if !ok {
			continue
		}
		round := 1
		if i := strings.LastIndexByte(stem, '.'); i > strings.LastIndexByte(stem, '/') {
			n, err := strconv.Atoi(stem[i+1:])
			if err != nil || n < 2 {
				continue
			}
			stem, round = stem[:i], n
		}
		if held[stem].round < round {
			held[stem] = recordFile{round, e.Size}
		}
	}
	return held, nil
}

// loadRecord reads the verdict on a workbook, with its text.
func loadRecord(ctx context.Context, archive intake.Source, w *intake.Workbook) (*record.Record, []byte, error) {
	rc, err := archive.Open(ctx, recordKey(w))
	if err != nil {
		return nil, nil, fmt.Errorf("read verdict on %s: %w", w.Path, err)
	}
	defer rc.Close()
	var buf bytes.Buffer
	if _, err := buf.ReadFrom(io.LimitReader(rc, maxRecord)); err != nil {
		return nil, nil, fmt.Errorf("read verdict on %s: %w", w.Path, err)
	}
	rec, err := record.Parse(buf.Bytes(), w.Digest, w.ReceivedAt)
	switch {
	case errors.Is(err, record.ErrVersion):
		return nil, nil, fmt.Errorf("read %s: %w", recordKey(w), err)
	case err != nil:
		return nil, nil, fmt.Errorf("read %s: %w: %w", recordKey(w), ErrDamagedVerdict, err)
	}
	return rec, buf.Bytes(), nil
}

func readRecord(ctx context.Context, archive intake.Source, w *intake.Workbook) (*record.Record, error) {
	rec, _, err := loadRecord(ctx, archive, w)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w: it was judged by a run that records nothing", err)
	}
	return rec, err
}

// receiptOf names a receipt: a workbook of an institution.
type receiptOf struct{ digest, folder string }
