package infra_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"convoke/shared/state/table"
	"convoke/shared/state/table/dynamo"
)

// check is one safety property. It returns what is wrong, nothing when it holds.
type check struct {
	name  string
	fault func(root object) []string
}

func checks() []check {
	return slices.Concat(keptChecks(), queueChecks(), mailChecks(), signInChecks(), apiChecks(), functionChecks(), rightsChecks(), alarmChecks(), wholeChecks())
}

func TestTemplate(t *testing.T) {
	root := readTemplate(t)
	for _, c := range checks() {
		t.Run(c.name, func(t *testing.T) {
			for _, fault := range c.fault(root) {
				t.Error(fault)
			}
		})
	}
}

// each checks a property of every resource of a type, of which there must be one.
func each(name, kind, path string, holds func(any) bool) check {
	return check{name, func(root object) []string {
		names := named(root, kind)
		if len(names) == 0 {
			return []string{"no " + kind}
		}
		var faults []string
		for _, n := range names {
			faults = append(faults, faultAt(root, n, path, holds)...)
		}
		return faults
	}}
}

// exactly checks which resources of a type there are; names in order.
func exactly(name, kind string, names ...string) check {
	return check{name, func(root object) []string {
		if got := named(root, kind); !slices.Equal(got, names) {
			return []string{fmt.Sprint(got)}
		}
		return nil
	}}
}

// one checks a property of one resource; path starts at the resource.
func one(name, resource, path string, holds func(any) bool) check {
	return check{name, func(root object) []string { return faultAt(root, resource, path, holds) }}
}

// whole checks all properties of a resource by their brief form.
func whole(name, resource, kind, want string) check {
	return check{name, func(root object) []string {
		return append(faultAt(root, resource, "Type", reads(kind)), faultAt(root, resource, "Properties", reads(want))...)
	}}
}

func faultAt(root object, resource, path string, holds func(any) bool) []string {
	if v := at(resources(root), resource+"."+path); !holds(v) {
		return []string{fmt.Sprintf("%s.%s is %s", resource, path, brief(v))}
	}
	return nil
}

// reads holds of a value whose brief form is one of those wanted.
func reads(want ...string) func(any) bool {
	return func(v any) bool { return v != nil && slices.Contains(want, brief(v)) }
}

func between(low, high int) func(any) bool {
	return func(v any) bool {
		n, ok := v.(int)
		return ok && low <= n && n <= high
	}
}

// tlsOnly is the statement that refuses every request in clear.
func tlsOnly(action, resource string) string {
	return "{Action=" + action + " Condition={Bool={aws:SecureTransport=false}} Effect=Deny Principal=* Resource=" + resource + " Sid=TlsOnly}"
}

func document(statements ...string) string {
	return "{Statement=[" + strings.Join(statements, " ") + "] Version=2012-10-17}"
}

const (
	tableType  = "AWS::DynamoDB::Table"
	bucketType = "AWS::S3::Bucket"
	queueType  = "AWS::SQS::Queue"
	account    = "${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}:"
)

func keptChecks() []check {
	keySchema := func(prefix string) string {
		return "[{AttributeName=" + prefix + "pk KeyType=HASH} {AttributeName=" + prefix + "sk KeyType=RANGE}]"
	}
	index := func(name string) string {
		return "{IndexName=" + dynamo.IndexName(table.Index(name)) + " KeySchema=" + keySchema(name) + " Projection={ProjectionType=ALL}}"
	}
	attributes := "[{AttributeName=pk AttributeType=S} {AttributeName=sk AttributeType=S} {AttributeName=g1pk AttributeType=S} " +
		"{AttributeName=g1sk AttributeType=S} {AttributeName=g2pk AttributeType=S} {AttributeName=g2sk AttributeType=S}]"
	list := []check{
		exactly("table: one", tableType, "Table"),
		exactly("buckets: three", bucketType, "Bucket", "InboundBucket", "UploadBucket"),
		each("table: point-in-time recovery", tableType, "Properties.PointInTimeRecoverySpecification", reads("{PointInTimeRecoveryEnabled=true RecoveryPeriodInDays=35}")),
		each("table: encrypted", tableType, "Properties.SSESpecification", reads("{SSEEnabled=true SSEType=KMS}")),
		each("table: deletion protection", tableType, "Properties.DeletionProtectionEnabled", reads("true")),
		each("table: stream of both images", tableType, "Properties.StreamSpecification", reads("{StreamViewType=NEW_AND_OLD_IMAGES}")),
		each("table: expiry", tableType, "Properties.TimeToLiveSpecification", reads("{AttributeName=ttl Enabled=true}")),
		each("table: costs nothing when idle", tableType, "Properties.BillingMode", reads("PAY_PER_REQUEST")),
		each("table: attributes", tableType, "Properties.AttributeDefinitions", reads(attributes)),
		each("table: keys", tableType, "Properties.KeySchema", reads(keySchema(""))),
		each("table: two whole indexes", tableType, "Properties.GlobalSecondaryIndexes", reads("["+index("g1")+" "+index("g2")+"]")),
		each("buckets: encrypted", bucketType, "Properties.BucketEncryption", reads("{ServerSideEncryptionConfiguration=[{ServerSideEncryptionByDefault={SSEAlgorithm=AES256}}]}")),
		each("buckets: private", bucketType, "Properties.PublicAccessBlockConfiguration", reads("{BlockPublicAcls=true BlockPublicPolicy=true IgnorePublicAcls=true RestrictPublicBuckets=true}")),
		each("buckets: one owner", bucketType, "Properties.OwnershipControls", reads("{Rules=[{ObjectOwnership=BucketOwnerEnforced}]}")),
		one("bucket: versioned", "Bucket", "Properties.VersioningConfiguration", reads("{Status=Enabled}")),
		each("buckets: one rule of age", bucketType, "Properties.LifecycleConfiguration.Rules.1", func(v any) bool { return v == nil }),
		one("bucket: old versions go", "Bucket", "Properties.LifecycleConfiguration.Rules.0.NoncurrentVersionExpiration.NoncurrentDays", between(7, 30)),
		one("bucket: their markers go", "Bucket", "Properties.LifecycleConfiguration.Rules.0.ExpiredObjectDeleteMarker", reads("true")),
		each("buckets: the rule of age works", bucketType, "Properties.LifecycleConfiguration.Rules.0.Status", reads("Enabled")),
		each("buckets: half uploads go", bucketType, "Properties.LifecycleConfiguration.Rules.0.AbortIncompleteMultipartUpload.DaysAfterInitiation", between(1, 7)),
		one("upload bucket: versioned", "UploadBucket", "Properties.VersioningConfiguration", reads("{Status=Enabled}")),
		one("upload bucket: old versions go", "UploadBucket", "Properties.LifecycleConfiguration.Rules.0.NoncurrentVersionExpiration.NoncurrentDays", between(7, 30)),
		one("upload bucket: their markers go", "UploadBucket", "Properties.LifecycleConfiguration.Rules.0.ExpiredObjectDeleteMarker", reads("true")),
		whole("upload bucket: TLS only", "UploadBucketPolicy", "AWS::S3::BucketPolicy", "{Bucket=@UploadBucket PolicyDocument="+document(tlsOnly("s3:*", "[@UploadBucket.Arn ~${UploadBucket.Arn}/*]"))+"}"),
		one("inbound bucket: mail goes", "InboundBucket", "Properties.LifecycleConfiguration.Rules.0.ExpirationInDays", between(1, 30)),
		one("inbound bucket: keeps no versions", "InboundBucket", "Properties.VersioningConfiguration", func(v any) bool { return v == nil }),
		one("inbound bucket: name", "InboundBucket", "Properties.BucketName", reads("~"+inboundName)),
		one("inbound bucket: tells the function", "InboundBucket", "Properties.NotificationConfiguration", reads("{LambdaConfigurations=[{Event=s3:ObjectCreated:* Function=@InboundFunction.Arn}]}")),
		one("inbound bucket: after the permission", "InboundBucket", "DependsOn", reads("InboundPermission")),
		whole("bucket: TLS only", "BucketPolicy", "AWS::S3::BucketPolicy", "{Bucket=@Bucket PolicyDocument="+document(tlsOnly("s3:*", "[@Bucket.Arn ~${Bucket.Arn}/*]"))+"}"),
		whole("inbound bucket: TLS only, written by the one rule", "InboundBucketPolicy", "AWS::S3::BucketPolicy", "{Bucket=@InboundBucket PolicyDocument="+document(
			tlsOnly("s3:*", "[@InboundBucket.Arn ~${InboundBucket.Arn}/*]"),
			"{Action=s3:PutObject Condition={StringEquals={aws:SourceAccount=@AWS::AccountId aws:SourceArn=~arn:"+fmt.Sprintf(account, "ses")+
				"receipt-rule-set/convoke-${Stage}:receipt-rule/to-bucket}} Effect=Allow Principal={Service=ses.amazonaws.com} Resource=~${InboundBucket.Arn}/* Sid=MailReceived}")+"}"),
	}
	for _, name := range []string{"Table", "Bucket", "InboundBucket", "UploadBucket", "UserPool"} {
		list = append(list, one("kept when the stack goes: "+name, name, "DeletionPolicy", reads("Retain")),
			one("kept when replaced: "+name, name, "UpdateReplacePolicy", reads("Retain")))
	}
	return list
}

const inboundName = "convoke-inbound-${Stage}-${AWS::AccountId}-${AWS::Region}"

// consumers of the queues that are worked off.
var consumers = map[string]string{"MailQueue": "MailerFunction", "FeedbackQueue": "FeedbackFunction"}

func queueChecks() []check {
	clear := tlsOnly("sqs:*", "*")
	return []check{
		exactly("queues: six", queueType, "FeedbackDeadLetterQueue", "FeedbackQueue", "InboundDeadLetterQueue", "MailDeadLetterQueue", "MailQueue", "ProjectorDeadLetterQueue"),
		each("queues: encrypted", queueType, "Properties.SqsManagedSseEnabled", reads("true")),
		each("queues: keep for 14 days", queueType, "Properties.MessageRetentionPeriod", between(1209600, 1209600)),
		{"queues: dead letters", queueRedrive},
		{"queues: visible again after six timeouts", queueVisibility},
		whole("queues: TLS only", "QueuePolicy", "AWS::SQS::QueuePolicy",
			"{PolicyDocument="+document(clear)+" Queues=[@MailQueue @MailDeadLetterQueue @ProjectorDeadLetterQueue @InboundDeadLetterQueue]}"),
		whole("feedback queue: TLS only, written by the one rule", "FeedbackQueuePolicy", "AWS::SQS::QueuePolicy", "{PolicyDocument="+document(clear,
			"{Action=sqs:SendMessage Condition={ArnEquals={aws:SourceArn=@FeedbackRule.Arn}} Effect=Allow Principal={Service=events.amazonaws.com} "+
				"Resource=[@FeedbackQueue.Arn @FeedbackDeadLetterQueue.Arn] Sid=FromTheRule}")+" Queues=[@FeedbackQueue @FeedbackDeadLetterQueue]}"),
		whole("bus: named", "Bus", "AWS::Events::EventBus", "{Name=~convoke-${Stage}}"),
	}
}

func queueRedrive(root object) (faults []string) {
	for _, name := range named(root, queueType) {
		if strings.HasSuffix(name, "DeadLetterQueue") {
			continue
		}
		base := "Properties.RedrivePolicy."
		target := strings.TrimSuffix(name, "Queue") + "DeadLetterQueue"
		faults = append(faults, faultAt(root, name, base+"deadLetterTargetArn", reads("@"+target+".Arn"))...)
		faults = append(faults, faultAt(root, name, base+"maxReceiveCount", between(3, 10))...)
		faults = append(faults, faultAt(root, target, "Type", reads(queueType))...)
	}
	return faults
}

func queueVisibility(root object) (faults []string) {
	for _, queue := range []string{"FeedbackQueue", "MailQueue"} {
		timeout, _ := at(resources(root), consumers[queue]+".Properties.Timeout").(int)
		if timeout == 0 {
			return []string{"no timeout of " + consumers[queue]}
		}
		faults = append(faults, faultAt(root, queue, "Properties.VisibilityTimeout", between(6*timeout, 900))...)
	}
	return faults
}

func mailChecks() []check {
	return []check{
		whole("mail: signed, under one set", "MailIdentity", "AWS::SES::EmailIdentity",
			"{ConfigurationSetAttributes={ConfigurationSetName=@ConfigurationSet} DkimAttributes={SigningEnabled=true} DkimSigningAttributes={NextSigningKeyLength=RSA_2048_BIT} "+
				"EmailIdentity=@MailDomain FeedbackAttributes={EmailForwardingEnabled=false} MailFromAttributes={BehaviorOnMxFailure=USE_DEFAULT_VALUE MailFromDomain=~bounce.${MailDomain}}}"),
		whole("mail: TLS, suppression, reputation", "ConfigurationSet", "AWS::SES::ConfigurationSet",
			"{DeliveryOptions={TlsPolicy=@MailTls} Name=~convoke-${Stage} ReputationOptions={ReputationMetricsEnabled=true} SendingOptions={SendingEnabled=true} "+
				"SuppressionOptions={SuppressedReasons=[BOUNCE COMPLAINT]}}"),
		{"mail: TLS unless chosen otherwise", func(root object) []string {
			if v := brief(at(root, "Parameters.MailTls.Default")); v != "REQUIRE" {
				return []string{"MailTls is " + v}
			}
			return nil
		}},
		whole("mail: what happens to it is told, but not who opens it", "ConfigurationSetEvents", "AWS::SES::ConfigurationSetEventDestination",
			"{ConfigurationSetName=@ConfigurationSet EventDestination={Enabled=true EventBridgeDestination={EventBusArn=~arn:"+fmt.Sprintf(account, "events")+
				"event-bus/default} MatchingEventTypes=[send reject delivery bounce complaint deliveryDelay] Name=bus}}"),
		exactly("feedback: one rule", "AWS::Events::Rule", "FeedbackRule"),
		one("feedback: rule works", "FeedbackRule", "Properties.State", reads("ENABLED")),
		one("feedback: of our mails alone", "FeedbackRule", "Properties.EventPattern", reads("{detail={mail={tags={ses:configuration-set=[@ConfigurationSet]}}} source=[aws.ses]}")),
		one("feedback: to the queue, else to its dead letters", "FeedbackRule", "Properties.Targets",
			reads("[{Arn=@FeedbackQueue.Arn DeadLetterConfig={Arn=@FeedbackDeadLetterQueue.Arn} Id=feedback RetryPolicy={MaximumEventAgeInSeconds=86400 MaximumRetryAttempts=185}}]")),
		whole("inbound: rule set", "ReceiptRuleSet", "AWS::SES::ReceiptRuleSet", "{RuleSetName=~convoke-${Stage}}"),
		whole("inbound: scanned, over TLS, into the bucket", "ReceiptRule", "AWS::SES::ReceiptRule",
			"{Rule={Actions=[{S3Action={BucketName=@InboundBucket ObjectKeyPrefix=mail/}}] Enabled=true Name=to-bucket Recipients=[@MailDomain] ScanEnabled=true TlsPolicy=Require} RuleSetName=@ReceiptRuleSet}"),
		one("inbound: after the bucket's policy", "ReceiptRule", "DependsOn", reads("InboundBucketPolicy")),
		one("inbound: only where it is offered", "ReceiptRule", "Condition", reads("ReceivesMail")),
		one("inbound: set only where it is offered", "ReceiptRuleSet", "Condition", reads("ReceivesMail")),
	}
}

func signInChecks() []check {
	base := func(path string) string {
		return "[{Fn::If=[HasDomain ~https://${DomainName}" + path + " ~https://${HttpApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}" + path + "]}]"
	}
	list := []check{
		whole("sign-in: invited, with a second factor", "UserPool", "AWS::Cognito::UserPool",
			"{AccountRecoverySetting={RecoveryMechanisms=[{Name=verified_email Priority=1}]} AdminCreateUserConfig={AllowAdminCreateUserOnly=true} AutoVerifiedAttributes=[email] DeletionProtection=ACTIVE "+
				"EnabledMfas=[SOFTWARE_TOKEN_MFA] MfaConfiguration=ON Policies={PasswordPolicy={MinimumLength=14 RequireLowercase=false RequireNumbers=false RequireSymbols=false RequireUppercase=false "+
				"TemporaryPasswordValidityDays=3}} Schema=[{AttributeDataType=String Mutable=true Name=unit StringAttributeConstraints={MaxLength=64 MinLength=1}}] UserPoolName=~convoke-${Stage} UsernameAttributes=[email]}"),
		whole("sign-in: code flow, short tokens, no enumeration", "UserPoolClient", "AWS::Cognito::UserPoolClient",
			"{AccessTokenValidity=60 AllowedOAuthFlows=[code] AllowedOAuthFlowsUserPoolClient=true AllowedOAuthScopes=[openid email] CallbackURLs="+base("/sign-in/callback")+
				" ClientName=convoke EnableTokenRevocation=true ExplicitAuthFlows=[ALLOW_REFRESH_TOKEN_AUTH] GenerateSecret=false IdTokenValidity=60 LogoutURLs="+base("/")+
				" PreventUserExistenceErrors=ENABLED ReadAttributes=[email email_verified custom:unit] RefreshTokenValidity=12 SupportedIdentityProviders=[COGNITO] TokenValidityUnits={AccessToken=minutes IdToken=minutes RefreshToken=hours} UserPoolId=@UserPool WriteAttributes=[locale]}"),
		whole("sign-in: page", "UserPoolDomain", "AWS::Cognito::UserPoolDomain", "{Domain=~convoke-${Stage}-${AWS::AccountId} UserPoolId=@UserPool}"),
		{"sign-in: the three roles", func(root object) []string {
			var groups []string
			for _, name := range named(root, "AWS::Cognito::UserPoolGroup") {
				groups = append(groups, brief(at(resources(root), name+".Properties.GroupName"))+brief(at(resources(root), name+".Properties.UserPoolId")))
			}
			if want := []string{"admin@UserPool", "moderator@UserPool", "organiser@UserPool"}; !slices.Equal(groups, want) {
				return []string{fmt.Sprint(groups)}
			}
			return nil
		}},
	}
	for _, name := range []string{"UserPool", "UserPoolClient", "UserPoolDomain", "AdminGroup", "ModeratorGroup", "OrganiserGroup"} {
		list = append(list, one("sign-in: own pool only without another issuer: "+name, name, "Condition", reads("HasPool")))
	}
	return list
}

const (
	issuer   = "{Fn::If=[HasPool ~https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${UserPool} @OidcIssuer]}"
	signOut  = "{Fn::Sub=[https://${UserPoolDomain}.auth.${AWS::Region}.amazoncognito.com/logout?client_id=${UserPoolClient}&logout_uri=https%3A%2F%2F${Host}%2F {Host={Fn::If=[HasDomain @DomainName ~${HttpApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}]}}]}"
	audience = "{Fn::If=[HasPool @UserPoolClient @OidcAudience]}"
)

func apiChecks() []check {
	open := map[string]string{
		"DefaultRoute":        "$default",
		"RegistrationRoute":   "POST /v1/registrations",
		"ClaimFormRoute":      "POST /stakeholders/{id}/claim",
		"ClaimRoute":          "POST /v1/stakeholders/{id}/claims",
		"RegisterFormRoute":   "POST /register",
		"RepresentFormRoute":  "POST /stakeholders/{id}/represent",
		"RepresentativeRoute": "POST /v1/stakeholders/{id}/representatives",
		"SignInRoute":         "POST /v1/sign-in",
		"SignInFormRoute":     "POST /sign-in",
	}
	limit, limits := "{ThrottlingBurstLimit=@MailingRateLimit ThrottlingRateLimit=@MailingRateLimit}", []string(nil)
	for _, key := range []string{
		"POST /register", "POST /sign-in", "POST /stakeholders/{id}/claim", "POST /stakeholders/{id}/represent", "POST /v1/registrations",
		"POST /v1/sign-in", "POST /v1/stakeholders/{id}/claims", "POST /v1/stakeholders/{id}/representatives",
	} {
		limits = append(limits, key+"="+limit)
	}
	list := []check{
		whole("api: one way in", "HttpApi", "AWS::ApiGatewayV2::Api", "{DisableExecuteApiEndpoint={Fn::If=[HasDomain true false]} Name=~convoke-${Stage} ProtocolType=HTTP}"),
		whole("api: JWT authorizer", "Authorizer", "AWS::ApiGatewayV2::Authorizer",
			"{ApiId=@HttpApi AuthorizerType=JWT IdentitySource=[$request.header.Authorization] JwtConfiguration={Audience={Fn::If=[HasPool [@UserPoolClient] {Fn::Split=[, @OidcAudience]}]} Issuer="+issuer+"} Name=oidc}"),
		whole("api: payload 2.0", "ApiIntegration", "AWS::ApiGatewayV2::Integration",
			"{ApiId=@HttpApi IntegrationType=AWS_PROXY IntegrationUri=@ApiFunction.Arn PayloadFormatVersion=2.0 TimeoutInMillis=20000}"),
		{"api: the function ends before the gateway gives up", func(root object) []string {
			timeout, _ := at(resources(root), "ApiFunction.Properties.Timeout").(int)
			return faultAt(root, "ApiIntegration", "Properties.TimeoutInMillis", between(1000*timeout+1, 30000))
		}},
		exactly("api: one stage", "AWS::ApiGatewayV2::Stage", "ApiStage"),
		one("api: stage", "ApiStage", "Properties.StageName", reads("$default")),
		one("api: stage of this api", "ApiStage", "Properties.ApiId", reads("@HttpApi")),
		one("api: deployed by itself", "ApiStage", "Properties.AutoDeploy", reads("true")),
		one("api: throttled", "ApiStage", "Properties.DefaultRouteSettings", reads("{ThrottlingBurstLimit=@ApiBurstLimit ThrottlingRateLimit=@ApiRateLimit}")),
		one("api: what sends mail throttled", "ApiStage", "Properties.RouteSettings", reads("{"+strings.Join(limits, " ")+"}")),
		one("api: after its routes", "ApiStage", "DependsOn", reads("[RegistrationRoute RegisterFormRoute ClaimRoute ClaimFormRoute RepresentativeRoute RepresentFormRoute SignInRoute SignInFormRoute]")),
		one("api: logged", "ApiStage", "Properties.AccessLogSettings.DestinationArn", reads("@AccessLogs.Arn")),
		one("api: logged without personal data", "ApiStage", "Properties.AccessLogSettings.Format", func(v any) bool {
			s, _ := v.(string)
			return strings.Contains(s, "$context.requestId") && strings.Contains(s, "$context.routeKey") && strings.Contains(s, "$context.status") &&
				!strings.Contains(s, "sourceIp") && !strings.Contains(s, "$context.path") && !strings.Contains(s, "userAgent")
		}),
		whole("api: own domain over TLS 1.2", "ApiDomain", "AWS::ApiGatewayV2::DomainName",
			"{DomainName=@DomainName DomainNameConfigurations=[{CertificateArn=@CertificateArn EndpointType=REGIONAL SecurityPolicy=TLS_1_2}]}"),
		whole("api: own domain mapped", "ApiMapping", "AWS::ApiGatewayV2::ApiMapping", "{ApiId=@HttpApi DomainName=@ApiDomain Stage=@ApiStage}"),
		one("api: domain when given", "ApiDomain", "Condition", reads("HasDomain")),
		one("api: mapping when given", "ApiMapping", "Condition", reads("HasDomain")),
		whole("api: invoked by this api alone", "ApiPermission", "AWS::Lambda::Permission",
			"{Action=lambda:InvokeFunction FunctionName=@ApiFunction Principal=apigateway.amazonaws.com SourceAccount=@AWS::AccountId SourceArn=~arn:"+fmt.Sprintf(account, "execute-api")+"${HttpApi}/*}"),
		{"api: the fence", fence},
	}
	for name, key := range open {
		list = append(list, whole("api: "+name, name, routeType, "{ApiId=@HttpApi AuthorizationType=NONE RouteKey="+key+" Target=~integrations/${ApiIntegration}}"))
	}
	return append(list, check{"api: open routes", func(root object) (faults []string) {
		for _, name := range named(root, routeType) {
			if _, known := open[name]; !known && at(resources(root), name+".Properties.AuthorizationType") != "JWT" {
				faults = append(faults, name+" is open")
			}
		}
		return faults
	}})
}
