package infra_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// cosmetic is what may change without harm: descriptions, labels, what the
// operator gives or is told.
var cosmetic = regexp.MustCompile(`\.(PolicyName|LifecycleConfiguration\.Rules\.0\.Id|Description|AlarmDescription|Metadata|AssertDescription)(\.|$)|^(AWSTemplateFormatVersion|Description|Outputs)(\.|$)|^Parameters\.[^.]+\.(Type|AllowedPattern|AllowedValues|MinValue|MaxValue)(\.|$)|^Parameters\.(AlarmEmail|DomainName|CertificateArn|MailSender)\.Default$`)

// mutant is one change of the template; do makes it and returns what undoes it.
type mutant struct {
	name string
	do   func() (undo func())
}

// TestEveryMutantIsCaught changes every property of the template that is not
// cosmetic, one at a time: takes it away, and gives it other values, a star
// among them. Some check must fail each time.
func TestEveryMutantIsCaught(t *testing.T) {
	root := readTemplate(t)
	all := checks()
	caught, survived := 0, 0
	for _, m := range mutants(root, "") {
		undo := m.do()
		if holds(all, root) {
			survived++
			t.Errorf("survived: %s", m.name)
		} else {
			caught++
		}
		undo()
	}
	if !holds(all, root) {
		t.Error("the template was not restored")
	}
	t.Logf("template mutants: %d, caught: %d, survived: %d, checks: %d", caught+survived, caught, survived, len(all))
	t.Attr("scorecard", fmt.Sprintf("19 template, each safety property changed: injected %d, held %d", caught+survived, caught))
}

func holds(all []check, root object) bool {
	for _, c := range all {
		if len(c.fault(root)) > 0 {
			return false
		}
	}
	return true
}

// mutants returns the changes of everything below v, which lies at path.
func mutants(v any, path string) (list []mutant) {
	switch c := v.(type) {
	case object:
		for _, key := range slices.Sorted(maps.Keys(c)) {
			below := strings.TrimPrefix(path+"."+key, ".")
			if cosmetic.MatchString(below) {
				continue
			}
			list = append(list, removal(c, key, below))
			list = append(list, changes(c[key], below, func(v any) { c[key] = v })...)
		}
		if c["Effect"] == "Allow" {
			list = append(list, widenings(c, path)...)
		}
	case []any:
		for i := range c {
			below := fmt.Sprintf("%s.%d", path, i)
			list = append(list, changes(c[i], below, func(v any) { c[i] = v })...)
		}
	}
	return list
}

// changes returns the other values of one place, and the mutants below it.
func changes(v any, path string, set func(any)) (list []mutant) {
	var others []any
	switch c := v.(type) {
	case bool:
		others = []any{!c}
	case int:
		others = []any{0, c*1000 + 1000, -1}
	case float64:
		others = []any{0.0, c * 1000}
	case string:
		others = []any{"*", "Mutant", ""}
	case []any:
		others = append(others, append(slices.Clone(c), "*"))
		for i := range c {
			others = append(others, slices.Delete(slices.Clone(c), i, i+1))
		}
		list = mutants(c, path)
	default:
		list = mutants(c, path)
	}
	for _, other := range others {
		if brief(other) == brief(v) {
			continue
		}
		list = append(list, mutant{fmt.Sprintf("%s: %s -> %s", path, brief(v), brief(other)), func() func() {
			set(other)
			return func() { set(v) }
		}})
	}
	return list
}

func removal(in object, key, path string) mutant {
	return mutant{path + " removed", func() func() {
		v := in[key]
		delete(in, key)
		return func() { in[key] = v }
	}}
}

// widenings returns what makes a statement allow more.
func widenings(statement object, path string) (list []mutant) {
	all := map[string]any{"Action": "*", "Resource": "*", "Principal": "*", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::x"}
	for key, value := range all {
		list = append(list, mutant{path + " widened by " + key, func() func() {
			old, had := statement[key]
			statement[key] = value
			return func() {
				if had {
					statement[key] = old
				} else {
					delete(statement, key)
				}
			}
		}})
	}
	return list
}
