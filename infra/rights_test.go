package infra_test

import (
	"fmt"
	"slices"
	"strings"
)

// The rights, as sets of "action on resource".
const (
	onTable   = "@Table.Arn"
	onG1      = "~${Table.Arn}/index/g1pk-g1sk-index"
	onG2      = "~${Table.Arn}/index/g2pk-g2sk-index"
	onStream  = "@Table.StreamArn"
	onObjects = "~${Bucket.Arn}/*"
	onBucket  = "@Bucket.Arn"
	onKeys    = "~arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/convoke/${Stage}/link-keys"
	onMail    = "~arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/${MailDomain}|" +
		"~arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:configuration-set/convoke-${Stage}"
	onUploads = "~${UploadBucket.Arn}/documents/*"
	onInbound = "~arn:${AWS::Partition}:s3:::" + inboundName

	writes = "dynamodb:PutItem dynamodb:DeleteItem dynamodb:ConditionCheckItem"
)

// rights is what each function may do, beside writing its own log: actions,
// separated by spaces, on resources, separated by bars. Those on the table are
// what the code reaches (TestRightsAreWhatTheCodeReaches).
var rights = map[string][][2]string{
	"api": {
		{"dynamodb:GetItem dynamodb:BatchGetItem dynamodb:Query " + writes, onTable},
		{"dynamodb:Query", onG1},
		{"s3:ListBucket", onBucket + "|@UploadBucket.Arn"},
		{"s3:GetObject", onObjects},
		{"s3:GetObject s3:PutObject", onUploads},
		{"ssm:GetParameter", onKeys},
	},
	"projector": {
		{"dynamodb:GetItem dynamodb:BatchGetItem dynamodb:PutItem", onTable},
		{"dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams", onStream},
		{"s3:ListBucket", onBucket},
		{"s3:GetObject s3:PutObject", onObjects},
		{"sqs:SendMessage", "@MailQueue.Arn|@ProjectorDeadLetterQueue.Arn"},
		{"events:PutEvents", "@Bus.Arn"},
	},
	"planner": {
		{"dynamodb:GetItem dynamodb:BatchGetItem dynamodb:Query " + writes, onTable},
		{"dynamodb:Query", onG1 + "|" + onG2},
		{"s3:ListBucket", onBucket},
		{"s3:GetObject", onObjects},
		{"s3:DeleteObject", onUploads},
	},
	"mailer": {
		{"dynamodb:GetItem dynamodb:BatchGetItem dynamodb:Query " + writes, onTable},
		receive("MailQueue"),
		{"ses:SendEmail ses:SendRawEmail", onMail},
		{"ssm:GetParameter", onKeys},
	},
	"feedback": {{"dynamodb:GetItem dynamodb:Query " + writes, onTable}, receive("FeedbackQueue")},
	"inbound": {
		{"dynamodb:GetItem dynamodb:Query " + writes, onTable},
		{"s3:ListBucket", onInbound},
		{"s3:GetObject", onInbound + "/mail/*"},
		{"sqs:SendMessage", "@InboundDeadLetterQueue.Arn"},
	},
	"indexer": {{"dynamodb:BatchGetItem dynamodb:Scan", onTable}, {"s3:ListBucket", onBucket}, {"s3:GetObject s3:PutObject s3:DeleteObject", onObjects}},
}

func receive(queue string) [2]string {
	return [2]string{"sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes", "@" + queue + ".Arn"}
}

// auditKept is the refusal that every role has that may delete from the table.
const auditKept = "{Action=[dynamodb:DeleteItem dynamodb:UpdateItem] Condition={ForAnyValue:StringLike={dynamodb:LeadingKeys=[AUDIT#*]}} Effect=Deny Resource=@Table.Arn}"

func rightsChecks() []check {
	list := []check{
		{"rights: no star", noStar},
		exactly("rights: no role beside these", "AWS::IAM::Role", roles()...),
		whole("rights: the schedules invoke their two functions", "ScheduleRole", "AWS::IAM::Role",
			"{AssumeRolePolicyDocument="+document("{Action=sts:AssumeRole Condition={StringEquals={aws:SourceAccount=@AWS::AccountId}} Effect=Allow Principal={Service=scheduler.amazonaws.com}}")+
				" Policies=[{PolicyDocument="+document("{Action=[lambda:InvokeFunction] Effect=Allow Resource=[@PlannerFunction.Arn @IndexerFunction.Arn]}")+" PolicyName=schedule}]}"),
	}
	for _, f := range functions {
		list = append(list,
			one("rights: taken on by Lambda alone: "+f, title(f)+"Role", "Properties.AssumeRolePolicyDocument",
				reads(document("{Action=sts:AssumeRole Effect=Allow Principal={Service=lambda.amazonaws.com}}"))),
			check{"rights: these and no more: " + f, func(root object) []string { return differing(root, f) }})
	}
	return list
}

func roles() []string {
	names := []string{"ScheduleRole"}
	for _, f := range functions {
		names = append(names, title(f)+"Role")
	}
	slices.Sort(names)
	return names
}

// differing returns the rights that the function has and should not, or should
// have and has not.
func differing(root object, function string) (faults []string) {
	role := resources(root)[title(function)+"Role"]
	want := map[string]bool{}
	logs := [2]string{"logs:CreateLogStream logs:PutLogEvents", "@" + title(function) + "Logs.Arn"}
	for _, r := range append(slices.Clone(rights[function]), logs) {
		for action := range strings.FieldsSeq(r[0]) {
			for resource := range strings.SplitSeq(r[1], "|") {
				want[action+" on "+resource] = true
			}
		}
	}
	if extra, _ := at(role, "Properties").(object); len(extra) != 2 || len(items(at(role, "Properties.Policies"))) != 1 {
		faults = append(faults, "not one policy within the role")
	}
	deletes := strings.HasSuffix(rights[function][0][0], writes)
	for _, s := range items(at(role, "Properties.Policies.0.PolicyDocument.Statement")) {
		statement, _ := s.(object)
		if brief(statement) == auditKept && deletes {
			deletes = false
			continue
		}
		if brief(at(statement, "Effect")) != "Allow" || len(statement) != 3 {
			faults = append(faults, "a statement of another kind: "+brief(statement))
		}
		for _, action := range items(statement["Action"]) {
			for _, resource := range items(statement["Resource"]) {
				right := brief(action) + " on " + brief(resource)
				if !want[right] {
					faults = append(faults, "may "+right)
				}
				delete(want, right)
			}
		}
	}
	for right := range want {
		faults = append(faults, "may not "+right)
	}
	if deletes {
		faults = append(faults, "may take entries out of the audit trail")
	}
	if brief(at(role, "Properties.Policies.0.PolicyDocument.Version")) != "2012-10-17" {
		faults = append(faults, "the policy's language is not 2012-10-17")
	}
	return faults
}

// noStar holds of every statement that allows, wherever it stands: no action
// with a star, no resource that is one, and a star at a resource's end only
// below what is ours.
func noStar(root object) (faults []string) {
	for name := range resources(root) {
		walk(at(resources(root), name), func(v object) {
			if v["Effect"] != "Allow" {
				return
			}
			for _, action := range items(v["Action"]) {
				if strings.Contains(brief(action), "*") {
					faults = append(faults, name+" allows "+brief(action))
				}
			}
			for _, resource := range items(v["Resource"]) {
				if r := brief(resource); strings.Contains(strings.TrimSuffix(r, "/*"), "*") {
					faults = append(faults, name+" allows on "+r)
				}
			}
			if v["NotAction"] != nil || v["NotResource"] != nil || v["NotPrincipal"] != nil || v["Principal"] == "*" {
				faults = append(faults, fmt.Sprint(name, " allows by exception or to all"))
			}
		})
	}
	return faults
}

// walk calls fn with every mapping in v.
func walk(v any, fn func(object)) {
	switch c := v.(type) {
	case object:
		fn(c)
		for _, inner := range c {
			walk(inner, fn)
		}
	case []any:
		for _, inner := range c {
			walk(inner, fn)
		}
	}
}
