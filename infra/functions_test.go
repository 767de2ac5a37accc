package infra_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"convoke/shared/platform/config"
)

const functionType = "AWS::Serverless::Function"

// functions are those that are deployed, by the folder of their main.
var functions = []string{"api", "feedback", "inbound", "indexer", "mailer", "planner", "projector"}

// title is the beginning of the names of a function's resources.
func title(function string) string { return strings.ToUpper(function[:1]) + function[1:] }

// variables is the contract between the template and the configuration.
var variables = map[string]string{
	config.Stage:               "@Stage",
	config.Table:               "@Table",
	config.Bucket:              "@Bucket",
	config.MailQueueURL:        "@MailQueue",
	config.Bus:                 "@Bus",
	config.BaseURL:             "{Fn::If=[HasDomain ~https://${DomainName} ~https://${HttpApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}]}",
	config.MailFrom:            "~${MailSender}@${MailDomain}",
	config.MailRate:            "@MailRate",
	config.MailDomain:          "@MailDomain",
	config.SESConfigurationSet: "@ConfigurationSet",
	config.OIDCIssuer:          issuer,
	config.OIDCAudience:        audience,
	config.OIDCSignOut:         "{Fn::If=[HasPool " + signOut + " @OidcSignOut]}",
	config.LinkKeysParameter:   "~/convoke/${Stage}/link-keys",
	config.InboundBucket:       "~" + inboundName,
	config.UploadBucket:        "@UploadBucket",
	config.VerificationDays:    "@VerificationDays",
}

func functionChecks() []check {
	list := []check{
		exactly("functions: these and no other", functionType, functionNames()...),
		{"functions: environment", environment},
		{"functions: invoked as meant", invocations},
		whole("inbound: invoked by its bucket alone", "InboundPermission", "AWS::Lambda::Permission",
			"{Action=lambda:InvokeFunction FunctionName=@InboundFunction Principal=s3.amazonaws.com SourceAccount=@AWS::AccountId SourceArn=~arn:${AWS::Partition}:s3:::"+inboundName+"}"),
		schedule("planner", "rate(1 minute)", "plan", 60),
		schedule("indexer", "rate(15 minutes)", "compact", 900),
		{"schedules: a run ends before the next", func(root object) []string {
			return append(faultAt(root, "PlannerFunction", "Properties.Timeout", between(20, 59)),
				faultAt(root, "IndexerFunction", "Properties.Timeout", between(300, 899))...)
		}},
		one("indexer: memory", "IndexerFunction", "Properties.MemorySize", between(1769, 10240)),
		one("indexer: disk", "IndexerFunction", "Properties.EphemeralStorage.Size", between(1024, 10240)),
		{"functions: runtime", func(root object) []string {
			want := map[string]string{"Runtime": "provided.al2023", "Architectures": "[arm64]", "Handler": "bootstrap", "MemorySize": "512"}
			globals, _ := at(root, "Globals.Function").(object)
			var faults []string
			for key, value := range want {
				if brief(globals[key]) != value {
					faults = append(faults, key+" is "+brief(globals[key]))
				}
			}
			if len(globals) != len(want)+1 {
				faults = append(faults, fmt.Sprint(slices.Sorted(maps.Keys(globals))))
			}
			return faults
		}},
	}
	for _, f := range functions {
		name := title(f) + "Function"
		list = append(list,
			one(f+": type", name, "Type", reads(functionType)),
			one(f+": code", name, "Properties.CodeUri", reads("build/"+f+"/")),
			one(f+": name", name, "Properties.FunctionName", reads("~convoke-${Stage}-"+f)),
			one(f+": a role of its own", name, "Properties.Role", reads("@"+title(f)+"Role.Arn")),
			one(f+": timeout", name, "Properties.Timeout", between(10, 899)),
			one(f+": logs", name, "Properties.LoggingConfig", reads("{LogFormat=JSON LogGroup=@"+title(f)+"Logs}")),
			whole(f+": log group", title(f)+"Logs", "AWS::Logs::LogGroup", "{LogGroupName=~/convoke/${Stage}/"+f+" RetentionInDays=@LogRetentionDays}"),
		)
	}
	return append(list, whole("api: access log group", "AccessLogs", "AWS::Logs::LogGroup", "{LogGroupName=~/aws/vendedlogs/convoke/${Stage}/access RetentionInDays=@LogRetentionDays}"))
}

func functionNames() []string {
	names := make([]string, len(functions))
	for i, f := range functions {
		names[i] = title(f) + "Function"
	}
	return names
}

func environment(root object) (faults []string) {
	got, _ := at(root, "Globals.Function.Environment.Variables").(object)
	for name, want := range variables {
		if brief(got[name]) != want {
			faults = append(faults, name+" is "+brief(got[name]))
		}
	}
	for name := range got {
		if _, known := variables[name]; !known {
			faults = append(faults, name+" is no part of the contract")
		}
	}
	return faults
}

// invocations holds what of each function's triggers keeps records from being
// lost, and poison from blocking the good.
func invocations(root object) (faults []string) {
	want := map[string]string{
		"ProjectorFunction.Properties.Events": "{Changes={Properties={BatchSize=100 BisectBatchOnFunctionError=true DestinationConfig={OnFailure={Destination=@ProjectorDeadLetterQueue.Arn Type=SQS}} " +
			"FunctionResponseTypes=[ReportBatchItemFailures] MaximumRetryAttempts=1000 StartingPosition=TRIM_HORIZON Stream=@Table.StreamArn} Type=DynamoDB}}",
		"MailerFunction.Properties.Events": "{Mails={Properties={BatchSize=10 FunctionResponseTypes=[ReportBatchItemFailures] Queue=@MailQueue.Arn ScalingConfig={MaximumConcurrency=@MailConcurrency}} Type=SQS}}",
		"FeedbackFunction.Properties.Events": "{Notices={Properties={BatchSize=10 FunctionResponseTypes=[ReportBatchItemFailures] Queue=@FeedbackQueue.Arn " +
			"ScalingConfig={MaximumConcurrency=5}} Type=SQS}}",
		"InboundFunction.Properties.EventInvokeConfig": "{DestinationConfig={OnFailure={Destination=@InboundDeadLetterQueue.Arn Type=SQS}} MaximumEventAgeInSeconds=21600 MaximumRetryAttempts=2}",
		"PlannerFunction.Properties.EventInvokeConfig": "{MaximumEventAgeInSeconds=60 MaximumRetryAttempts=0}",
		"IndexerFunction.Properties.EventInvokeConfig": "{MaximumEventAgeInSeconds=900 MaximumRetryAttempts=0}",
	}
	for _, f := range functions {
		for _, part := range []string{"Events", "EventInvokeConfig"} {
			path := title(f) + "Function.Properties." + part
			got := at(resources(root), path)
			if expected, any := want[path]; any && brief(got) != expected || !any && got != nil {
				faults = append(faults, path+" is "+brief(got))
			}
		}
	}
	return faults
}

func schedule(function, rate, task string, age int) check {
	return check{function + ": schedule", func(root object) []string {
		name := title(function) + "Schedule"
		want := map[string]string{
			"ScheduleExpression": rate, "FlexibleTimeWindow": "{Mode=OFF}", "State": "ENABLED",
			"Target": fmt.Sprintf(`{Arn=@%sFunction.Arn Input={"task":%q,"scheduled":"<aws.scheduler.scheduled-time>"} RetryPolicy={MaximumEventAgeInSeconds=%d MaximumRetryAttempts=0} RoleArn=@ScheduleRole.Arn}`,
				title(function), task, age),
		}
		faults := faultAt(root, name, "Type", reads("AWS::Scheduler::Schedule"))
		for key, value := range want {
			faults = append(faults, faultAt(root, name, "Properties."+key, reads(value))...)
		}
		return faults
	}}
}
