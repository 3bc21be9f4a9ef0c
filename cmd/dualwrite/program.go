package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"dualwrite/engine"
	"dualwrite/handlers"
	"dualwrite/models"
	"dualwrite/web"
)

// How long the end of the program waits: for requests under way, then for
// steps of the engine. What is cut off goes on at the next start.
const (
	closeRequests = 3 * time.Second
	closeEngine   = 3 * time.Second
)

// config is what one run of the program is told.
type config struct {
	dataDir  string
	addr     string // "localhost:8080"; port 0 picks a free one
	keys     string // file of the keys of secrets, "" for the one in the data folder
	baseURL  string // "" for the listener's own address
	practice bool   // set up the practice environment where there is no environment
	log      *slog.Logger

	poll    time.Duration // engine.Config.Poll; 0 for its default
	started func(*program)
}

// program is everything that runs, in the order in which it was opened.
type program struct {
	store    *models.Store
	served   *practiceServers // nil for none
	engine   *engine.Engine
	practice *practiceBrowser // nil for none
	server   *web.Server
}

// run opens the program, says on out how to reach it, and closes it when ctx
// ends; being told to end while it opens is no failure. It fails with kind
// models.Busy when another program uses the data folder and models.Invalid when
// the configuration breaks a rule.
func run(ctx context.Context, cfg config, out io.Writer) (err error) {
	p := &program{}
	defer func() { err = errors.Join(err, p.close()) }()
	if err := p.open(ctx, cfg); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	if err := p.announce(ctx, out); err != nil {
		return err
	}
	if cfg.started != nil {
		cfg.started(p)
	}
	<-ctx.Done()
	cfg.log.Info("closing")
	return nil
}

// open starts each part after those it needs. What was opened before a failure
// is left to close.
func (p *program) open(ctx context.Context, cfg config) (err error) {
	dir, err := filepath.Abs(cfg.dataDir)
	if err != nil {
		return fmt.Errorf("find the data folder: %w", err)
	}
	if p.store, err = models.Open(ctx, dir, models.Options{SecretKeys: cfg.keys}); err != nil {
		return err
	}
	if err := p.servePractice(ctx, cfg, dir); err != nil {
		return err
	}
	labels := map[models.Side]string{models.Left: financeAndOperations, models.Right: commonDataService}
	apps := openers(dir)
	p.engine, err = engine.New(p.store, apps, engine.Config{SpillDir: filepath.Join(dir, "spill"), Poll: cfg.poll, Labels: labels, Log: cfg.log})
	if err != nil {
		return err
	}
	if err := p.openConsole(ctx, cfg, dir, connectionKinds(apps)); err != nil {
		return err
	}
	p.engine.Start()
	return nil
}

// openConsole begins to serve the console.
func (p *program) openConsole(ctx context.Context, cfg config, dir string, kinds []models.ConnectionKind) error {
	key, err := web.CookieKey(dir)
	if err != nil {
		return err
	}
	if p.practice, err = openPracticeBrowser(ctx, p.store, dir, p.served); err != nil {
		cfg.log.Warn("the practice apps cannot be browsed", "error", err)
	}
	options := handlers.Options{Kinds: kinds}
	if p.practice != nil {
		options.Practice = p.practice
	}
	look := web.Options{Log: cfg.log, BaseURL: cfg.baseURL, CookieKey: key, Practice: p.practice != nil}
	if p.served != nil {
		options.Rehook, options.Servers, look.Faults = p.served.rehook, p.served, p.served.faults
	}
	if p.server, err = web.New(p.store, look); err != nil {
		return err
	}
	handlers.Mount(p.server, p.store, p.engine, options)
	if err := p.server.Open(cfg.addr); err != nil || p.served == nil {
		return err
	}
	if err := p.served.register(ctx, p.server.Addr()); err != nil {
		cfg.log.Warn("the practice apps do not tell of changes", "error", err)
	}
	return nil
}

// servePractice serves the practice apps where there are any, and makes them if
// it is told to. Apps that were made before and cannot be served now do not keep
// the program from starting: their maps wait for them.
func (p *program) servePractice(ctx context.Context, cfg config, dir string) (err error) {
	if cfg.practice {
		if p.served, err = makePractice(ctx, p.store, dir); err != nil || p.served != nil {
			return err
		}
	}
	if p.served, err = openPractice(ctx, p.store, dir); err != nil {
		cfg.log.Warn("the practice apps cannot be served", "error", err)
	}
	return nil
}

// close ends everything in reverse order. It does not listen to the context
// that ended the program.
func (p *program) close() error {
	var errs []error
	if p.server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), closeRequests)
		defer cancel()
		errs = append(errs, p.server.Close(ctx))
	}
	if p.engine != nil {
		ctx, cancel := context.WithTimeout(context.Background(), closeEngine)
		defer cancel()
		errs = append(errs, p.engine.Close(ctx))
	}
	if p.practice != nil {
		errs = append(errs, p.practice.apps.Close())
	}
	if p.served != nil {
		errs = append(errs, p.served.Close())
	}
	if p.store != nil {
		errs = append(errs, p.store.Close())
	}
	return errors.Join(errs...)
}

// announce says where the console is and, while nobody can sign in, gives the
// link for the first administrator.
func (p *program) announce(ctx context.Context, out io.Writer) error {
	text := fmt.Sprintf("Dualwrite listens at %s\n", p.server.URL())
	secret, err := p.store.SetupToken(ctx)
	switch {
	case err == nil:
		text += fmt.Sprintf("Nobody can sign in yet. Open this link within an hour to become the administrator:\n  %s/setup?token=%s\n", p.server.URL(), secret)
	case models.KindOf(err) != models.NotFound:
		return err
	}
	_, err = io.WriteString(out, text)
	return err
}
