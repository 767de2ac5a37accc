package infra_test

import (
	"regexp"
	"slices"
	"strings"
)

// wholeChecks hold of the template as a whole.
func wholeChecks() []check {
	return []check{
		{"template: serverless transform", func(root object) []string {
			if root["Transform"] != "AWS::Serverless-2016-10-31" {
				return []string{brief(root["Transform"])}
			}
			return nil
		}},
		{"template: every name is of something", dangling},
		{"template: conditions", func(root object) (faults []string) {
			for name, want := range map[string]string{
				"HasDomain":     "{Fn::Not=[{Fn::Equals=[@DomainName ]}]}",
				"HasPool":       "{Fn::Equals=[@OidcIssuer ]}",
				"HasAlarmEmail": "{Fn::Not=[{Fn::Equals=[@AlarmEmail ]}]}",
				"ReceivesMail":  "{Fn::Equals=[@ReceiveMail true]}",
			} {
				if got := brief(at(root, "Conditions."+name)); got != want {
					faults = append(faults, name+" is "+got)
				}
			}
			return faults
		}},
		{"template: safe defaults", func(root object) (faults []string) {
			for name, want := range map[string]string{
				"Stage": "dev", "ReceiveMail": "true", "LogRetentionDays": "30", "ApiRateLimit": "200", "ApiBurstLimit": "400",
				"MailingRateLimit": "20", "MailConcurrency": "5", "MailRate": "2.8", "OidcIssuer": "", "OidcAudience": "", "OidcSignOut": "",
				"VerificationDays": "365",
			} {
				if got := brief(at(root, "Parameters."+name+".Default")); got != want {
					faults = append(faults, name+" is "+got)
				}
			}
			return faults
		}},
		{"template: the other issuer and the own domain are whole", func(root object) (faults []string) {
			for rule, pair := range map[string][2]string{"OwnDomain": {"DomainName", "CertificateArn"}, "OwnIssuer": {"OidcIssuer", "OidcAudience"}} {
				set := func(name string) string { return "{Fn::Not=[{Fn::Equals=[@" + name + " ]}]}" }
				if brief(at(root, "Rules."+rule+".RuleCondition")) != set(pair[0]) || len(items(at(root, "Rules."+rule+".Assertions"))) != 1 ||
					brief(at(root, "Rules."+rule+".Assertions.0.Assert")) != set(pair[1]) {
					faults = append(faults, rule)
				}
			}
			return faults
		}},
	}
}

var subName = regexp.MustCompile(`\$\{([^!}]+)\}`)

// dangling returns the names that are referred to and are of nothing.
func dangling(root object) (faults []string) {
	known := func(name string) bool {
		name, _, _ = strings.Cut(name, ".")
		return strings.HasPrefix(name, "AWS::") || at(root, "Resources."+name) != nil || at(root, "Parameters."+name) != nil
	}
	for _, section := range []string{"Globals", "Conditions", "Rules", "Resources", "Outputs"} {
		walk(root[section], func(o object) {
			for _, name := range namesIn(o) {
				if !known(name) {
					faults = append(faults, section+" refers to "+name)
				}
			}
		})
	}
	slices.Sort(faults)
	return slices.Compact(faults)
}

// namesIn returns what an intrinsic refers to.
func namesIn(o object) (names []string) {
	for _, key := range []string{"Ref", "Fn::GetAtt"} {
		if name, ok := o[key].(string); ok {
			names = append(names, name)
		}
	}
	if pattern, ok := o["Fn::Sub"].(string); ok {
		for _, match := range subName.FindAllStringSubmatch(pattern, -1) {
			names = append(names, match[1])
		}
	}
	return names
}
