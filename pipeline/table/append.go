package table

import (
	"math"
	"strconv"
	"time"
)

// Append adds the value's canonical text, the one that String gives, to b: for
// exporters that write millions of cells without making a string of each.
func (v Value) Append(b []byte) []byte {
	if !v.set {
		return b
	}
	switch v.typ {
	case String:
		return append(b, v.str...)
	case Integer:
		return strconv.AppendInt(b, v.num, 10)
	case Decimal:
		return appendDecimal(b, v.num, int(v.scale))
	case Double:
		return strconv.AppendFloat(b, math.Float64frombits(uint64(v.num)), 'g', -1, 64)
	case Boolean:
		return strconv.AppendBool(b, v.num == 1)
	case Date:
		return time.Unix(v.num*86400, 0).UTC().AppendFormat(b, time.DateOnly)
	case DateTime:
		return time.Unix(v.num, 0).UTC().AppendFormat(b, time.RFC3339)
	}
	return b
}

func appendDecimal(b []byte, n int64, scale int) []byte {
	// Trailing zeros say nothing, nor does the sign of zero.
	for ; scale > 0 && n%10 == 0 && n != 0; scale-- {
		n /= 10
	}
	if scale <= 0 || n == 0 {
		return strconv.AppendInt(b, n, 10)
	}
	if n < 0 {
		b = append(b, '-')
	}
	var tmp [20]byte
	digits := strconv.AppendUint(tmp[:0], magnitude(n), 10)
	if len(digits) <= scale {
		b = append(b, '0', '.')
		for range scale - len(digits) {
			b = append(b, '0')
		}
		return append(b, digits...)
	}
	b = append(b, digits[:len(digits)-scale]...)
	b = append(b, '.')
	return append(b, digits[len(digits)-scale:]...)
}
