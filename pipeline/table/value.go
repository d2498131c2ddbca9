package table

import (
	"cmp"
	"math"
	"strings"
	"time"
)

// Type is what a column holds; it is small since big tables hold millions of values.
type Type int8

// The column types that every format can carry.
const (
	String   Type = iota // UTF-8 text
	Integer              // int64
	Decimal              // exact decimal, Precision and Scale on the field, at most 18 digits
	Double               // IEEE 754 binary64, for measured values
	Boolean              //
	Date                 // a calendar day, without a zone
	DateTime             // an instant, UTC, to the second
)

var typeNames = [...]string{"string", "integer", "decimal", "double", "boolean", "date", "datetime"}

// String gives the type's name as the table descriptors write it.
func (t Type) String() string { return typeNames[t] }

// Value is one typed cell of a table, or null. The zero Value is null.
type Value struct {
	set   bool
	typ   Type
	scale int8
	num   int64
	str   string
}

// Null is the value that is not there.
func Null() Value { return Value{} }

// Str makes a text value; it does not turn "" into null.
func Str(s string) Value { return Value{set: true, typ: String, str: s} }

// StrOrNull makes a text value, null for "".
func StrOrNull(s string) Value {
	if s == "" {
		return Value{}
	}
	return Str(s)
}

// Int makes an integer value.
func Int(i int64) Value { return Value{set: true, typ: Integer, num: i} }

// Dec makes the exact decimal unscaled / 10^scale.
func Dec(unscaled int64, scale int) Value {
	return Value{set: true, typ: Decimal, num: unscaled, scale: int8(scale)}
}

// Dbl makes a binary floating-point value.
func Dbl(f float64) Value { return Value{set: true, typ: Double, num: int64(math.Float64bits(f))} }

// Bool makes a truth value.
func Bool(b bool) Value {
	v := Value{set: true, typ: Boolean}
	if b {
		v.num = 1
	}
	return v
}

// Day makes a date from the days since 1970-01-01.
func Day(days int64) Value { return Value{set: true, typ: Date, num: days} }

// Instant makes a date-time from the seconds since 1970-01-01T00:00:00Z.
func Instant(seconds int64) Value { return Value{set: true, typ: DateTime, num: seconds} }

// ISODate reads YYYY-MM-DD; anything else is null.
func ISODate(s string) Value {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Value{}
	}
	return Day(t.Unix() / 86400)
}

// ISOInstant reads an RFC 3339 instant; anything else is null.
func ISOInstant(s string) Value {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return Value{}
	}
	return Instant(t.Unix())
}

// IsNull tells whether there is no value.
func (v Value) IsNull() bool { return !v.set }

// Type is the value's own type; of null it means nothing.
func (v Value) Type() Type { return v.typ }

// Text is a String's text.
func (v Value) Text() string { return v.str }

// Int64 is an Integer, a Date's days, a DateTime's seconds or a Boolean's 0 or 1.
func (v Value) Int64() int64 { return v.num }

// Float64 is a Double.
func (v Value) Float64() float64 { return math.Float64frombits(uint64(v.num)) }

// Unscaled gives a Decimal as an integer at the wanted scale; ok is false where
// that would lose digits or overflow.
func (v Value) Unscaled(scale int) (n int64, ok bool) {
	n = v.num
	for s := int(v.scale); s < scale; s++ {
		if n > math.MaxInt64/10 || n < math.MinInt64/10 {
			return 0, false
		}
		n *= 10
	}
	for s := int(v.scale); s > scale; s-- {
		if n%10 != 0 {
			return 0, false
		}
		n /= 10
	}
	return n, true
}

// String is the canonical text of the value, the same in every text format:
// decimal point, no trailing zeros, ISO dates, true/false; null is "".
func (v Value) String() string {
	if v.typ == String {
		return v.str
	}
	return string(v.Append(nil))
}

// Compare puts integers in the order of numbers, all else in that of the
// canonical texts: negative where v comes before w, 0 where they are the same.
func (v Value) Compare(w Value) int {
	if v.typ == String && w.typ == String {
		return strings.Compare(v.str, w.str)
	}
	if v.set && w.set && v.typ == Integer && w.typ == Integer {
		return cmp.Compare(v.num, w.num)
	}
	return strings.Compare(v.String(), w.String())
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return uint64(-(n + 1)) + 1
	}
	return uint64(n)
}
