// Package cli is the program convoke: everything that is deployed in one
// process, and the tools that work on its data.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"convoke/shared/state/table/bolt"
)

// The exit codes, as the help states them.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

const about = `The directory of the stakeholders of migration and development, and the place from which they are convened.

Exit codes: 0 done, 1 failed, 2 wrong usage. Results go to standard output, everything else to standard error.`

type commands struct {
	Data string `help:"Directory that holds table, index, keys and mail." default:"data" env:"CONVOKE_DATA" placeholder:"DIR"`

	Serve   serveCommand   `cmd:"" help:"Run everything in one process: API, pages, search, invitations, mail."`
	Import  importCommands `cmd:"" help:"Take organisations over from another register."`
	Export  exportCommand  `cmd:"" help:"Write the public profiles of listed stakeholders; never contacts."`
	Reindex reindexCommand `cmd:"" help:"Build the search index again from the table."`
	Mail    mailCommands   `cmd:"" help:"Look after mail that could not be sent."`
	Verify  verifyCommand  `cmd:"" help:"Check the table file and the search index for damage."`
	Version versionCommand `cmd:"" help:"Say which version this is."`
}

type importCommands struct {
	ROR       importROR       `cmd:"" name:"ror" help:"From a dump of the Research Organization Registry, schema v2: .json or .json.gz."`
	CSV       importCSV       `cmd:"" name:"csv" help:"From a table with a header row, in UTF-8."`
	HSDS      importHSDS      `cmd:"" name:"hsds" help:"From organisations in the Human Services Data Specification, version 3 (Open Referral)."`
	Sanctions importSanctions `cmd:"" name:"sanctions" help:"The consolidated list of the United Nations Security Council, in XML, to compare names with."`
	Seed      importSeed      `cmd:"" name:"seed" help:"A small set of well-known bodies that comes with the program."`
}

type mailCommands struct {
	Dead   mailDead   `cmd:"" help:"List what was given up on, with the reason."`
	Replay mailReplay `cmd:"" help:"Put it back into the queue, to be sent by the next serve."`
}

// program is what every command runs with.
type program struct {
	ctx      context.Context
	data     string
	out, err io.Writer
}

// Main runs the command that args name and returns the exit code. The first
// interrupt ends a command in good order, a second one at once.
func Main(args []string, out, errs io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	var c commands
	parser, err := kong.New(&c, kong.Name("convoke"), kong.Description(about), kong.Writers(out, errs),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		return fail(errs, err)
	}
	chosen, err := parser.Parse(args)
	if err != nil {
		_, _ = fmt.Fprintf(errs, "convoke: %s; see `convoke --help`\n", oneLine(err))
		return exitUsage
	}
	if err := chosen.Run(&program{ctx: ctx, data: c.Data, out: out, err: errs}); err != nil {
		if wrong, ok := errors.AsType[usageError](err); ok {
			_, _ = fmt.Fprintf(errs, "convoke: %s; see `convoke %s --help`\n", oneLine(wrong), chosen.Command())
			return exitUsage
		}
		return fail(errs, err)
	}
	return exitDone
}

// usageError is a wrong value of a flag that only the command itself can judge.
type usageError struct{ error }

func fail(errs io.Writer, err error) int {
	_, _ = fmt.Fprintln(errs, "convoke:", oneLine(advised(err)))
	return exitFailed
}

// advised adds what to do next, where the error does not say it.
func advised(err error) error {
	switch {
	case errors.Is(err, bolt.ErrLocked):
		return fmt.Errorf("%w: stop the `convoke serve` that has it open, or name another directory with --data", err)
	case errors.Is(err, context.Canceled):
		return errors.New("interrupted; what was done so far is kept, and the same command goes on from there")
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%w: stop what listens there, or choose another port with --listen", err)
	}
	return err
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
