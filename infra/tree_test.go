// Package infra_test holds template.yaml to its safety properties, and the
// samples of AWS's events to their shapes.
package infra_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const templatePath = "../template.yaml"

// object is a YAML mapping; a short-form intrinsic is one too, of its long form.
type object = map[string]any

// readTemplate returns the template with every intrinsic in its long form.
func readTemplate(t *testing.T) object {
	t.Helper()
	text, err := os.ReadFile(templatePath)
	if err != nil {
		t.Fatal(err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	root, ok := plain(t, document.Content[0]).(object)
	if !ok {
		t.Fatal("the template is no mapping")
	}
	return root
}

func plain(t *testing.T, n *yaml.Node) any {
	t.Helper()
	if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
		name, inner := n.Tag[1:], *n
		inner.Tag = ""
		if n.Kind == yaml.ScalarNode {
			inner.Tag = "!!str"
		}
		if name != "Ref" && name != "Condition" {
			name = "Fn::" + name
		}
		return object{name: plain(t, &inner)}
	}
	switch n.Kind {
	case yaml.MappingNode:
		m := make(object, len(n.Content)/2)
		for i := 0; i < len(n.Content); i += 2 {
			m[n.Content[i].Value] = plain(t, n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, c := range n.Content {
			list[i] = plain(t, c)
		}
		return list
	default:
		var v any
		if err := n.Decode(&v); err != nil {
			t.Fatalf("line %d: %v", n.Line, err)
		}
		return v
	}
}

// at returns what lies at a dotted path of keys and indexes, nil when nothing does.
func at(v any, path string) any {
	for key := range strings.SplitSeq(path, ".") {
		switch c := v.(type) {
		case object:
			v = c[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(c) {
				return nil
			}
			v = c[i]
		default:
			return nil
		}
	}
	return v
}

func resources(root object) object {
	r, _ := root["Resources"].(object)
	return r
}

// named returns the names of the resources of a type, in order.
func named(root object, kind string) []string {
	var names []string
	for name, r := range resources(root) {
		if at(r, "Type") == kind {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// items returns v's elements when it is a list, else v alone.
func items(v any) []any {
	switch c := v.(type) {
	case nil:
		return nil
	case []any:
		return c
	default:
		return []any{c}
	}
}

// brief writes a value on one line: @X for !Ref X, @X.Y for !GetAtt X.Y, ~X for
// !Sub X; lists in brackets, mappings in braces with their keys in order.
func brief(v any) string {
	switch c := v.(type) {
	case object:
		if word, ok := briefIntrinsic(c); ok {
			return word
		}
		parts := make([]string, 0, len(c))
		for _, key := range slices.Sorted(maps.Keys(c)) {
			parts = append(parts, key+"="+brief(c[key]))
		}
		return "{" + strings.Join(parts, " ") + "}"
	case []any:
		parts := make([]string, len(c))
		for i := range c {
			parts[i] = brief(c[i])
		}
		return "[" + strings.Join(parts, " ") + "]"
	default:
		return fmt.Sprint(v)
	}
}

func briefIntrinsic(c object) (string, bool) {
	for key, sign := range map[string]string{"Ref": "@", "Fn::GetAtt": "@", "Fn::Sub": "~"} {
		if word, ok := c[key].(string); ok && len(c) == 1 {
			return sign + word, true
		}
	}
	return "", false
}
