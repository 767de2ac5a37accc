package web

import (
	"cmp"
	"errors"
	"net/url"
	"slices"
	"strings"

	"convoke/shared/domain/fault"
	"convoke/shared/platform/i18n"
)

// formView is a form with what was typed into it and what was refused of that.
type formView struct {
	values url.Values
	faults formFaults
	labels string // where the catalogue has the labels: "register" for page.register.<field>
	first  string // where it is asked for a hint before that; empty for nowhere
	once   string // names this copy of the form, so that it is taken once
}

// field is one input of a form. Its name is also its id and the key of its
// label; its hint, if it has one, is under <name>.hint.
type field struct {
	name         string
	kind         string // of an input element; empty for text
	autocomplete string
	hinted       bool
	required     bool
	most         string // characters, empty for no limit of the page's own
	rows         string // of a text area
	says         string // its label, where that is not of the catalogue
}

// option is one choice of a list.
type option struct{ value, label string }

func (f formView) label(p page, fd field) string {
	if fd.says != "" {
		return fd.says
	}
	return p.t(f.labels + "." + fd.name)
}

func (f formView) hint(p page, name string) string {
	if own := f.first + "." + name + ".hint"; i18n.Has(p.lang, "page."+own) {
		return p.t(own)
	}
	return p.t(f.labels + "." + name + ".hint")
}

// has reports whether the value was chosen in the field.
func (f formView) has(name, value string) bool { return slices.Contains(f.values[name], value) }

// filled reports whether anything was given in one of the fields.
func (f formView) filled(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return strings.Join(f.values[name], "") != "" || len(f.faults.at(name)) > 0
	})
}

// described is the value of aria-describedby for a field.
func (f formView) described(fd field) string { return f.faults.describedBy(fd.name, fd.hinted) }

// formFault is one message of a refused form. Field is the id of the input that
// it belongs to and label what that is called; both may be empty.
type formFault struct{ field, label, text string }

// formFaults are the messages of a refused form, in the order of the page.
type formFaults struct{ list []formFault }

// at returns the messages of one field.
func (f formFaults) at(field string) []string {
	var texts []string
	for _, one := range f.list {
		if one.field == field {
			texts = append(texts, one.text)
		}
	}
	return texts
}

// summary is the message as it stands away from its field.
func (f formFault) summary(p page) string {
	if f.label == "" {
		return f.text
	}
	return i18n.T(p.lang, "page.fault_at", map[string]string{"field": f.label, "text": f.text})
}

// invalid is the value of aria-invalid for a field.
func (f formFaults) invalid(field string) string {
	if len(f.at(field)) > 0 {
		return "true"
	}
	return "false"
}

// describedBy is the value of aria-describedby for a field: its hint, when it
// has one, and its messages.
func (f formFaults) describedBy(field string, hinted bool) string {
	var ids []string
	if hinted {
		ids = append(ids, field+"-hint")
	}
	if len(f.at(field)) > 0 {
		ids = append(ids, field+"-fault")
	}
	return strings.Join(ids, " ")
}

// formFields says how a form is laid out, for messages about what was sent.
type formFields struct {
	labels string                      // where the catalogue has the labels
	order  []string                    // of the fields on the page; empty when there is one
	of     func(pointer string) string // the field that a JSON Pointer came from, or ""
	says   func(field string) string   // the label of a field that the catalogue has none for, or ""
}

// faultsOf turns a refusal into messages at the fields of a form. What is no
// refusal of the input is handed back.
func faultsOf(p page, err error, fields formFields) (formFaults, error) {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Kind != fault.Invalid {
		return formFaults{}, err
	}
	var faults formFaults
	for _, e := range describe(p.lang, err).Errors {
		one := fields.fault(p, e)
		if !slices.Contains(faults.list, one) {
			faults.list = append(faults.list, one)
		}
	}
	if len(faults.list) == 0 {
		faults.list = append(faults.list, formFault{text: describe(p.lang, err).Title})
	}
	slices.SortStableFunc(faults.list, func(a, b formFault) int {
		return cmp.Compare(slices.Index(fields.order, a.field), slices.Index(fields.order, b.field))
	})
	return faults, nil
}

// fault is one message. Who fills in a form chooses from lists and is not told
// of codes, as a client of the API is.
func (fields formFields) fault(p page, e problemField) formFault {
	one := formFault{field: fields.of(e.Pointer), text: e.Detail}
	switch e.Code {
	case "category.unknown", "country.unknown", "language.unknown", "topic.unknown", "group.unknown":
		one.text = p.t("fault_choose")
	}
	if one.field == "" {
		return one
	}
	if fields.says != nil {
		one.label = fields.says(one.field)
	}
	if one.label != "" {
		return one
	}
	one.label = p.t(fields.labels + "." + one.field)
	if short := fields.labels + "." + one.field + ".short"; i18n.Has(p.lang, "page."+short) {
		one.label = p.t(short)
	}
	return one
}
