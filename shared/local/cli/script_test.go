package cli_test

import (
	"context"
	"crypto/rand"
	"net/http"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/rogpeppe/go-internal/testscript"

	"convoke/shared/local/cli"
	"convoke/shared/state/table/dynamo/dynamolocal"
	"convoke/shared/state/table/dynamo/dynamotest"
)

// The stories of testdata are run by testscript: "convoke" is the program, and
// these commands are added to testscript's own. NAME=VALUE of "env" and what
// they set is expanded in arguments as $NAME, and in body files as ${NAME}.
//
//	serve [FLAG...]
//		Starts `convoke --data data serve` on a free port in the background,
//		waits until it answers, and sets URL to its address. In stories that run
//		over DynamoDB too, the flags for that are added. Its log is shown when the
//		script fails. One process at a time.
//	stop
//		Interrupts it with SIGTERM and fails unless it ends with code 0.
//	sanctions FILE
//		Runs "convoke import sanctions" on the story's table, while nothing serves.
//	http [-H 'NAME: VALUE']... METHOD PATH [FILE]
//		Sends a request to $URL with PATH, or to PATH when it is a whole address,
//		with the body of FILE: JSON, or a form when its name ends in .form (one
//		NAME=VALUE a line, to be escaped). $TOKEN, when set, is sent as the bearer
//		token. Cookies are kept for the whole script, redirections are not
//		followed. Standard output is the status line, the header sorted by name,
//		an empty line, and the body. It fails when no answer comes; match the
//		status with: stdout '^HTTP 202'
//	jsonget POINTER NAME
//		Sets NAME to the value at the JSON Pointer in the body of the last answer;
//		a text without its quotes. With ! it fails when there is a value.
//	header FIELD NAME
//		Sets NAME to a header field of the last answer, such as Etag or Location.
//	token ROLE [UNIT]
//		Signs in at the page for development as organiser (of UNIT), moderator or
//		admin, and sets TOKEN. "env TOKEN=" signs out.
//	eml ADDRESS [PREFIX NAME]
//		Finds the newest mail to ADDRESS in data/mail, or in $MAIL when set, prints
//		subject, text and calendar, and sets NAME to the first link in the text
//		whose path begins with PREFIX. With ! it fails when there is a mail.
//	mails ADDRESS COUNT
//		Fails unless there are COUNT mails to ADDRESS.
//	smtp accept|refuse
//		Starts a mail server and sets SMTP to its address. What it accepts is in
//		the directory smtp, as .eml files; what it refuses it refuses for good.
//	damage FILE
//		Overwrites 64 bytes in the middle of the first file of that pattern.
//	cut FILE
//		Cuts off the second half of the first file of that pattern.

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"convoke": func() { os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr)) },
	})
}

func run(t *testing.T, dir string, serveFlags func() []string) {
	t.Helper()
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Values[stageKey{}] = newStage(env, serveFlags)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve": with((*stage).serve), "stop": with((*stage).stop), "http": with((*stage).http), "jsonget": with((*stage).jsonget),
			"header": with((*stage).header), "token": with((*stage).token), "eml": with((*stage).eml), "mails": with((*stage).mails), "paper": with((*stage).paper),
			"smtp": with((*stage).smtp), "sanctions": with((*stage).sanctions), "damage": damage, "cut": cut,
		},
	})
}

func TestScripts(t *testing.T) { run(t, "testdata/script", func() []string { return nil }) }

// TestStories runs whole stories over the embedded table.
func TestStories(t *testing.T) { run(t, "testdata/story", func() []string { return nil }) }

// TestStoriesOnDynamoDB runs the same over DynamoDB Local.
func TestStoriesOnDynamoDB(t *testing.T) {
	endpoint := dynamotest.Endpoint(t)
	client := dynamodb.NewFromConfig(dynamolocal.Config(endpoint, http.DefaultTransport))
	run(t, "testdata/story", func() []string {
		name := "story-" + rand.Text()
		t.Cleanup(func() {
			// A story that ended before it served has no table to drop.
			_, _ = client.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &name})
		})
		return []string{"--dynamodb", endpoint, "--table", name}
	})
}
