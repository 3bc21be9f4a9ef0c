// Command dualwrite keeps business apps in step and serves the console in which
// an administrator runs, pauses and mends that.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"dualwrite/engine"
	"dualwrite/models"
)

// Exit codes besides 0. A script tells by them whether a retry may help.
const (
	exitFailed = 1 // something went wrong; standard error says what
	exitRefuse = 2 // the data folder is in use, or the command line or the configuration breaks a rule
)

// commands is what the program can be told on its command line. Each flag can
// also be given as an environment variable; the flag wins.
type commands struct {
	Serve   serveCommand   `cmd:"" help:"Synchronise, and serve the console."`
	Apply   applyCommand   `cmd:"" help:"Set up connections, environments and entity maps from a YAML file."`
	Export  exportCommand  `cmd:"" help:"Print what is set up as a YAML file."`
	Import  importCommand  `cmd:"" help:"Take entity maps over from the original product, or from a map's own file."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// dataFolder is the flag of every command that uses the store.
type dataFolder struct {
	DataDir string `help:"Folder of the store and everything else that must be kept." default:"./data" env:"DUALWRITE_DATA_DIR"`
}

type serveCommand struct {
	dataFolder
	Addr          string `help:"Where the console listens, as host:port." default:"localhost:8080" env:"DUALWRITE_ADDR"`
	SecretKeyFile string `help:"File of the keys that seal secrets, if not secret.key in the data folder." env:"DUALWRITE_SECRET_KEY_FILE" placeholder:"PATH"`
	BaseURL       string `help:"Where people reach the console, if not at that address." env:"DUALWRITE_BASE_URL" placeholder:"URL"`
	Practice      bool   `help:"Set up the practice environment on the first start." default:"true" negatable:"" env:"DUALWRITE_PRACTICE"`
}

// withStore opens the store for one piece of work.
func (d dataFolder) withStore(work func(context.Context, *models.Store) error) (err error) {
	ctx := context.Background()
	store, err := models.Open(ctx, d.DataDir, models.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return work(ctx, store)
}

type versionCommand struct{}

func main() {
	restrictFiles()
	var c commands
	parsed := kong.Parse(&c, kong.Name("dualwrite"), kong.Description("Keeps business apps in step, both ways."),
		kong.UsageOnError(),
		kong.Exit(func(code int) { os.Exit(min(code, exitRefuse)) }), kong.BindTo(io.Writer(os.Stdout), (*io.Writer)(nil)))
	if err := parsed.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "dualwrite:", err)
		os.Exit(exitCode(err))
	}
}

// Run serves until the program is told to end. A second signal ends it at once.
func (c *serveCommand) Run(out io.Writer) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	engine.UseMemory()
	return run(ctx, config{dataDir: c.DataDir, keys: c.SecretKeyFile, addr: c.Addr, baseURL: c.BaseURL, practice: c.Practice, log: newLogger(os.Stderr)}, out)
}

// Run prints the version.
func (versionCommand) Run(out io.Writer) error {
	_, err := fmt.Fprintln(out, "dualwrite", versionText())
	return err
}

func exitCode(err error) int {
	switch models.KindOf(err) {
	case models.Busy, models.Invalid:
		return exitRefuse
	default:
		return exitFailed
	}
}

// newLogger writes text for a person who watches and JSON for a program that collects.
func newLogger(f *os.File) *slog.Logger {
	if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		return slog.New(slog.NewTextHandler(f, nil))
	}
	return slog.New(slog.NewJSONHandler(f, nil))
}
