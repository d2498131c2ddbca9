package workbook

import (
	"strings"
	"sync"
)

// Forms are alike: what their headings are called is folded once, not once for
// each workbook.
const (
	rememberedTexts = 1024
	rememberedBytes = 512 // of one text
)

// remembering gives fold with a memory that any number of goroutines may share.
func remembering(fold func(string) string) func(string) string {
	var mu sync.RWMutex
	known := map[string]string{}
	return func(s string) string {
		if len(s) > rememberedBytes {
			return fold(s)
		}
		mu.RLock()
		folded, ok := known[s]
		mu.RUnlock()
		if ok {
			return folded
		}
		s = strings.Clone(s) // a text keeps what it was read with
		folded = fold(s)
		mu.Lock()
		defer mu.Unlock()
		if len(known) < rememberedTexts {
			known[s] = folded
		}
		return folded
	}
}
