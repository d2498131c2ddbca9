package aggregate

import (
	"fmt"
	"math/big"

	"iltizam/pipeline/plan"
	"iltizam/pipeline/table"
)

// figure is one row of the summary: value = numerator / denominator, exactly.
type figure struct {
	scope, code string
	measure     string
	method      string
	unit        string
	num, den    *big.Rat // den nil where there is no value
	missing     int
	older       int // values from an earlier period
	basis       plan.Basis
	note        string

	over   []member // the commitments that it speaks about; shared, not to be changed
	takes  takes    // which of them make up the value, nil for none
	since  string   // of a change: the period before
	before []member // of a change: the commitments as they stood then
}

// ratio is the figure's value; only of one that has a value.
func (f figure) ratio() *big.Rat { return new(big.Rat).Quo(f.num, f.den) }

// takes tells whether a commitment makes up a figure's value.
type takes func(m *member) bool

func everyone(*member) bool { return true }

func hasValue(m *member) bool { return m.pct != nil }

// within takes the values from the one bound up to, not including, the other.
func within(from, below plan.Percent) takes {
	return func(m *member) bool { return m.pct != nil && *m.pct >= from && *m.pct < below }
}

func fullNotCompleted(m *member) bool {
	return m.pct != nil && *m.pct == 100_00 && m.status != "" && m.status != "completed"
}

func countOf(members []member, takes takes) int {
	n := 0
	for i := range members {
		if takes(&members[i]) {
			n++
		}
	}
	return n
}

// Units of figures.
const (
	unitPercent     = "percent"
	unitPoints      = "points"
	unitCommitments = "commitments"
)

// valueScale is the number of decimals that a figure's value is published with.
const valueScale = 10

func (f figure) record(period string) (record, error) {
	r := record{
		"reporting_period": table.Str(period), "scope": table.Str(f.scope), "scope_code": table.Str(f.code),
		"measure": table.Str(f.measure), "method": table.Str(f.method), "unit": table.Str(f.unit),
		"n_missing": table.Int(int64(f.missing)), "n_carried_forward": table.Int(int64(f.older)), "basis": table.Str(string(f.basis)),
	}
	note := f.note
	if f.den != nil {
		value := new(big.Rat).Quo(f.num, f.den)
		v, ok := decimal(value, valueScale)
		if !ok {
			return nil, fmt.Errorf("compute %s of %s %s: %s is too large to publish", f.measure, f.scope, f.code, value.FloatString(2))
		}
		r["value"] = v
		r["value_display"] = table.Str(f.display(value))
		num, numOK := decimal(f.num, 2)
		if exact := new(big.Rat).SetFrac64(100, 1); numOK && exact.Mul(exact, f.num).IsInt() && f.den.IsInt() && f.den.Num().IsInt64() {
			r["numerator"], r["denominator"] = num, table.Int(f.den.Num().Int64())
		} else {
			note = notes(note, "The exact fraction has too many digits to print.")
		}
	}
	r["basis_note"] = table.StrOrNull(note)
	return r, nil
}

// display rounds half up to one decimal for percentages, points; whole values
// print without decimals, a rise with its sign.
func (f figure) display(v *big.Rat) string {
	scale := 1
	if f.unit == unitCommitments {
		scale = 0
	}
	d, _ := decimal(v, scale)
	if f.unit == unitPoints && v.Sign() > 0 && d.String() != "0" {
		return "+" + d.String()
	}
	return d.String()
}

// decimal rounds a fraction half up (away from zero) to scale decimals.
func decimal(r *big.Rat, scale int) (table.Value, bool) {
	shifted := new(big.Rat).Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)))
	num, den := new(big.Int).Abs(shifted.Num()), shifted.Denom()
	// floor((2·num + den) / (2·den)) is num/den rounded half up.
	n := new(big.Int).Add(new(big.Int).Lsh(num, 1), den)
	n.Quo(n, new(big.Int).Lsh(den, 1))
	if shifted.Sign() < 0 {
		n.Neg(n)
	}
	// Eighteen digits are what decimal(18, …) holds.
	if !n.IsInt64() || new(big.Int).Abs(n).Cmp(big.NewInt(1e18)) >= 0 {
		return table.Null(), false
	}
	return table.Dec(n.Int64(), scale), true
}

func rat(n int64) *big.Rat { return new(big.Rat).SetInt64(n) }

func points(p plan.Percent) *big.Rat { return big.NewRat(int64(p), 100) }
