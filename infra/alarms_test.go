package infra_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

const alarmType = "AWS::CloudWatch::Alarm"

// watched is one alarm: metric, its dimension, statistic, seconds, threshold.
type watched struct {
	metric, dimension, statistic string
	period                       int
	threshold                    string
}

// alarms are all there must be.
func alarms() map[string]watched {
	all := map[string]watched{
		"MailQueueAgeAlarm":  {"AWS/SQS ApproximateAgeOfOldestMessage", "[{Name=QueueName Value=@MailQueue.QueueName}]", "Maximum", 300, "3600"},
		"IteratorAgeAlarm":   {"AWS/Lambda IteratorAge", "[{Name=FunctionName Value=@ProjectorFunction}]", "Maximum", 300, "60000"},
		"ApiFailuresAlarm":   {"AWS/ApiGateway 5xx", "[{Name=ApiId Value=@HttpApi}]", "Sum", 300, "5"},
		"BounceRateAlarm":    {"AWS/SES Reputation.BounceRate", "<nil>", "Average", 3600, "0.03"},
		"ComplaintRateAlarm": {"AWS/SES Reputation.ComplaintRate", "<nil>", "Average", 3600, "0.0008"},
	}
	for _, queue := range []string{"Mail", "Feedback", "Projector", "Inbound"} {
		all[queue+"DeadLetterAlarm"] = watched{"AWS/SQS ApproximateNumberOfMessagesVisible", "[{Name=QueueName Value=@" + queue + "DeadLetterQueue.QueueName}]", "Maximum", 300, "1"}
	}
	for _, f := range functions {
		dimension := "[{Name=FunctionName Value=@" + title(f) + "Function}]"
		errors := "1"
		if f == "planner" { // runs every minute and catches up by itself
			errors = "3"
		}
		all[title(f)+"ErrorsAlarm"] = watched{"AWS/Lambda Errors", dimension, "Sum", 300, errors}
		all[title(f)+"ThrottlesAlarm"] = watched{"AWS/Lambda Throttles", dimension, "Sum", 300, "1"}
	}
	return all
}

func alarmChecks() []check {
	list := []check{
		whole("alarms: topic", "AlarmTopic", "AWS::SNS::Topic", "{TopicName=~convoke-${Stage}-alarms}"),
		whole("alarms: told by mail", "AlarmSubscription", "AWS::SNS::Subscription", "{Endpoint=@AlarmEmail Protocol=email TopicArn=@AlarmTopic}"),
		one("alarms: told when there is an address", "AlarmSubscription", "Condition", reads("HasAlarmEmail")),
		whole("alarms: published by this account's alarms, over TLS", "AlarmTopicPolicy", "AWS::SNS::TopicPolicy", "{PolicyDocument="+document(
			"{Action=sns:Publish Condition={StringEquals={aws:SourceAccount=@AWS::AccountId}} Effect=Allow Principal={Service=cloudwatch.amazonaws.com} Resource=@AlarmTopic Sid=FromAlarms}",
			tlsOnly("sns:Publish", "@AlarmTopic"))+" Topics=[@AlarmTopic]}"),
		{"alarms: every dead-letter queue has one", func(root object) (faults []string) {
			for _, name := range named(root, queueType) {
				if base, dead := strings.CutSuffix(name, "DeadLetterQueue"); dead {
					faults = append(faults, faultAt(root, base+"DeadLetterAlarm", "Type", reads(alarmType))...)
				}
			}
			return faults
		}},
		exactly("alarms: no other", alarmType, slices.Sorted(maps.Keys(alarms()))...),
		each("alarms: reach someone", alarmType, "Properties.AlarmActions", reads("[@AlarmTopic]")),
		each("alarms: are not switched off", alarmType, "Properties.ActionsEnabled", func(v any) bool { return v == nil || v == true }),
		each("alarms: rise at the threshold", alarmType, "Properties.ComparisonOperator", reads("GreaterThanOrEqualToThreshold")),
		each("alarms: at once", alarmType, "Properties.EvaluationPeriods", reads("1")),
		each("alarms: silence is good", alarmType, "Properties.TreatMissingData", reads("notBreaching")),
	}
	all := alarms()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, check{"alarms: " + name, func(root object) []string { return alarmFaults(root, name, all[name]) }})
	}
	return list
}

func alarmFaults(root object, name string, want watched) []string {
	p := at(resources(root), name+".Properties")
	period, _ := at(p, "Period").(int)
	got := watched{brief(at(p, "Namespace")) + " " + brief(at(p, "MetricName")), brief(at(p, "Dimensions")), brief(at(p, "Statistic")), period, brief(at(p, "Threshold"))}
	if got != want || at(resources(root), name+".Type") != alarmType {
		return []string{fmt.Sprintf("%+v, want %+v", got, want)}
	}
	return nil
}
