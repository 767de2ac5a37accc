package table

import (
	"fmt"
	"strconv"
	"strings"
)

// Bounds of a number, the same as DynamoDB's: significant digits, and the
// decimal exponent of the first of them.
const (
	maxDigits   = 38
	maxExponent = 125
	minExponent = -130
)

// decimal is 0.digits * 10^point; digits neither begin nor end with 0, and
// zero has none.
type decimal struct {
	negative bool
	digits   string
	point    int
}

// Number returns the one spelling of a JSON number under which equal numbers
// are equal texts: no sign on zero, no idle zeros, an exponent only outside
// 1e-7..1e21. Numbers that the table cannot keep give ErrBadItem.
func Number(literal string) (string, error) {
	d, err := parseDecimal(literal)
	if err != nil {
		return "", err
	}
	return d.String(), nil
}

func parseDecimal(literal string) (decimal, error) {
	text, negative := strings.CutPrefix(literal, "-")
	mantissa, exponent := text, 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		mantissa = text[:i]
		exponent = clampedExponent(text[i+1:])
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return decimal{}, fmt.Errorf("%w: not a number", ErrBadItem)
	}
	significant := strings.TrimLeft(digits, "0")
	point := len(whole) + exponent - (len(digits) - len(significant))
	significant = strings.TrimRight(significant, "0")
	if significant == "" {
		return decimal{}, nil
	}
	if len(significant) > maxDigits {
		return decimal{}, fmt.Errorf("%w: a number has more than %d significant digits", ErrBadItem, maxDigits)
	}
	if point-1 > maxExponent || point-1 < minExponent {
		return decimal{}, fmt.Errorf("%w: a number is out of range", ErrBadItem)
	}
	return decimal{negative, significant, point}, nil
}

// clampedExponent reads an exponent; one beyond any that an item's length could
// make up for is cut to that, which is out of range all the same.
func clampedExponent(text string) int {
	const beyond = 1 << 24
	n, err := strconv.Atoi(text)
	switch {
	case err != nil && strings.HasPrefix(text, "-"):
		return -beyond
	case err != nil:
		return beyond
	default:
		return max(-beyond, min(n, beyond))
	}
}

// String implements fmt.Stringer.
func (d decimal) String() string {
	if d.digits == "" {
		return "0"
	}
	sign := ""
	if d.negative {
		sign = "-"
	}
	n := len(d.digits)
	switch {
	case d.point > 21 || d.point < -6:
		fraction := ""
		if n > 1 {
			fraction = "." + d.digits[1:]
		}
		return sign + d.digits[:1] + fraction + "e" + strconv.Itoa(d.point-1)
	case d.point <= 0:
		return sign + "0." + strings.Repeat("0", -d.point) + d.digits
	case d.point >= n:
		return sign + d.digits + strings.Repeat("0", d.point-n)
	default:
		return sign + d.digits[:d.point] + "." + d.digits[d.point:]
	}
}

// size counts a number as DynamoDB stores it: one byte, one more for each pair
// of digits as aligned to the decimal point, and one for a minus sign.
func (d decimal) size() int {
	if d.digits == "" {
		return 1
	}
	size := 1 + (len(d.digits)+d.point&1+1)/2
	if d.negative {
		size++
	}
	return min(size, 21)
}
