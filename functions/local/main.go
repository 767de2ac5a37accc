// Command convoke runs everything in one process, and works on its data.
package main

import (
	"os"

	"convoke/shared/local/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr)) //nolint:forbidigo // this is main
}
