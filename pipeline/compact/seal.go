package compact

import (
	"crypto/sha256"
	"strings"
)

// Seal puts a kind of file and a digest before a body, so that Unseal can tell
// whether it is whole.
func Seal(kind string, body []byte) []byte {
	sum := sha256.Sum256(body)
	return append(append([]byte(kind), sum[:]...), body...)
}

// Unseal gives the body of what Seal made of this kind; ok is false of anything else.
func Unseal(kind, sealed string) (body string, ok bool) {
	rest, ok := strings.CutPrefix(sealed, kind)
	if !ok || len(rest) < sha256.Size {
		return "", false
	}
	body = rest[sha256.Size:]
	sum := sha256.Sum256([]byte(body))
	return body, rest[:sha256.Size] == string(sum[:])
}
