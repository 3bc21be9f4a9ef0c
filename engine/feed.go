package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"dualwrite/connectors"
	"dualwrite/models"
)

// capture reads the changes of one entity of one connection and hands them to
// all maps that use it.
type capture struct {
	e     *Engine
	key   feedKey
	feed  connectors.Feed
	row   models.Feed
	lease models.Lease
	pace  pace
}

// feedKey names a feed.
type feedKey struct {
	connection int64
	entity     string
}

// newCapture takes up the feed of an entity, starting it in the app if it is new.
func (e *Engine) newCapture(ctx context.Context, key feedKey) (*capture, error) {
	c := &capture{e: e, key: key}
	app, err := e.apps.connector(ctx, key.connection)
	if err != nil {
		return nil, err
	}
	if c.feed, err = app.Feed(ctx, key.entity); err != nil {
		return nil, fmt.Errorf("feed of %s: %w", key.entity, err)
	}
	if c.row, err = e.store.FeedOf(ctx, key.connection, key.entity); models.KindOf(err) == models.NotFound {
		start, startErr := c.feed.Start(ctx)
		if startErr != nil {
			return nil, fmt.Errorf("start feed of %s: %w", key.entity, startErr)
		}
		c.row, err = e.store.EnsureFeed(ctx, key.connection, key.entity, string(start))
	}
	if err != nil {
		return nil, err
	}
	c.lease, err = e.store.FeedLease(ctx, c.row.ID)
	return c, err
}

// step takes over one batch: changes and cursor in one transaction (I1).
func (c *capture) step(ctx context.Context) (more bool, err error) {
	uses, err := c.e.store.Uses(ctx, c.key.connection, c.key.entity)
	if err != nil || len(uses) == 0 {
		return false, err
	}
	batch, next, caughtUp, err := c.feed.Changes(ctx, connectors.Cursor(c.row.Cursor), c.e.cfg.CaptureSize)
	if connectors.KindOf(err) == connectors.CursorExpired {
		return false, c.expired(ctx, uses)
	}
	if err != nil {
		return false, fmt.Errorf("changes of %s: %w", c.key.entity, err)
	}
	if string(next) == c.row.Cursor && len(batch) == 0 {
		return false, nil
	}
	makers := c.e.echoes.makers(ctx, batch)
	var changes []models.Change
	var echoes int64
	for i, ch := range batch {
		if len(uses) == 1 && makers[i] == uses[0] {
			echoes++
			continue
		}
		changes = append(changes, models.Change{Op: string(ch.Op), NativeID: ch.ID, OldID: ch.OldID, RecordKey: ch.Key, Origin: ch.Origin, At: ch.At, MadeBy: makers[i]})
	}
	// What is left to read may say where a record went that is gone (renamed.go).
	atOnce := caughtUp && len(uses) == 1 && c.e.atOnce(ctx, &models.Taken{Lease: c.lease, Feed: c.row, Next: string(next), Use: uses[0], Changes: changes, Echoes: echoes})
	if !atOnce {
		if err := c.e.store.Capture(ctx, c.lease, c.row, string(next), uses, changes, echoes); err != nil {
			return false, err
		}
	}
	c.row.Cursor = string(next)
	c.pace.took(len(batch), time.Now())
	for _, u := range uses {
		c.e.wake(u.MapID)
		c.e.changed(u.MapID)
	}
	if caughtUp {
		err = c.feed.Confirm(ctx, next)
	}
	return !caughtUp, err
}

// expired begins the feed anew after its cursor was too old, and has every map
// that uses it compare both sides by another initial write, which never
// deletes: what the feed missed is found, and no delete is invented. The cursor
// moves last, so that a crash in between finds it expired again.
func (c *capture) expired(ctx context.Context, uses []models.Use) error {
	start, err := c.feed.Start(ctx)
	if err != nil {
		return fmt.Errorf("start feed of %s again: %w", c.key.entity, err)
	}
	for _, u := range uses {
		if err := c.e.recheck(ctx, u.MapID, c.key.entity); err != nil {
			return err
		}
	}
	if err := c.e.store.Capture(ctx, c.lease, c.row, string(start), nil, nil, 0); err != nil {
		return err
	}
	c.row.Cursor = string(start)
	return nil
}

// recheck has a map compare both sides; one that is paused is told to, once it
// goes on.
func (e *Engine) recheck(ctx context.Context, mapID int64, entity string) error {
	m, err := e.store.FreshMap(ctx, mapID)
	if err != nil {
		return err
	}
	reason := fmt.Sprintf("The change feed of %s had to begin anew: some changes were not seen.", entity)
	if _, may := m.Status.On(models.Recheck); !may {
		return e.store.Issue(ctx, mapID, reason+" Stop the map and run it again with the initial sync, which deletes nothing.")
	}
	err = e.store.Move(ctx, models.Move{MapID: mapID, Command: models.Recheck, Actor: models.System, Detail: reason})
	if models.KindOf(err) == models.Conflict { // a person was faster: what they began is no initial write of now
		return e.store.Issue(ctx, mapID, reason+" Compare both sides to find them.")
	}
	if err == nil {
		err = e.store.Issue(ctx, mapID, reason+" Both sides are compared by another initial write, which deletes nothing.")
	}
	e.changed(mapID)
	e.wakeAll()
	return err
}

// feedKeys names the two feeds that a map needs.
func (e *Engine) feedKeys(ctx context.Context, m *models.Map) ([2]feedKey, error) {
	env, err := e.store.EnvironmentByID(ctx, m.EnvironmentID)
	if err != nil {
		return [2]feedKey{}, err
	}
	return [2]feedKey{{env.LeftConnectionID, m.LeftEntity}, {env.RightConnectionID, m.RightEntity}}, nil
}

// startFeeds begins the capture of maps that are about to run: they take every
// change after this and none from before. The caller holds capturing.
func (e *Engine) startFeeds(ctx context.Context, maps []models.Map) error {
	var begun []feedKey
	sides := map[feedKey]models.Side{}
	for i := range maps {
		keys, err := e.feedKeys(ctx, &maps[i])
		if err != nil {
			return err
		}
		for side, key := range keys {
			if sides[key] == "" {
				sides[key], begun = models.Sides[side], append(begun, key)
			}
		}
	}
	if err := e.checkFeeds(ctx, begun, sides); err != nil {
		return err
	}
	for i, key := range begun {
		if err := e.startFeed(ctx, key); err != nil {
			for _, key := range begun[:i+1] { // what nobody uses is taken out again
				err = errors.Join(err, e.stopFeed(context.WithoutCancel(ctx), key))
			}
			return e.reach(sides[key], err)
		}
	}
	return nil
}

// checkFeeds fails, before anything is touched in any app, with all that one of
// them denies.
func (e *Engine) checkFeeds(ctx context.Context, keys []feedKey, sides map[feedKey]models.Side) error {
	var denied []string
	for _, key := range keys {
		app, err := e.apps.connector(ctx, key.connection)
		if err != nil {
			return e.reach(sides[key], err)
		}
		feed, err := app.Feed(ctx, key.entity)
		if err != nil {
			return e.reach(sides[key], err)
		}
		c, ok := feed.(connectors.Checker)
		if !ok {
			continue
		}
		var lack *connectors.Error
		switch err := c.Check(ctx); {
		case err == nil:
		case errors.As(err, &lack) && lack.Kind == connectors.Denied:
			denied = append(denied, e.label(sides[key])+", "+key.entity+": "+lack.Message)
		default:
			return e.reach(sides[key], err)
		}
	}
	if len(denied) > 0 {
		return models.Errorf(models.Invalid, "Nothing was touched, because rights are missing. %s", strings.Join(denied, "\n"))
	}
	return nil
}

func (e *Engine) startFeed(ctx context.Context, key feedKey) error {
	app, err := e.apps.connector(ctx, key.connection)
	if err != nil {
		return err
	}
	feed, err := app.Feed(ctx, key.entity)
	if err != nil {
		return fmt.Errorf("feed of %s: %w", key.entity, err)
	}
	start, err := feed.Start(ctx)
	if err != nil {
		return fmt.Errorf("start feed of %s: %w", key.entity, err)
	}
	row, err := e.store.EnsureFeed(ctx, key.connection, key.entity, string(start))
	if err != nil || row.Cursor == string(start) {
		return err
	}
	return e.catchUp(ctx, key, row, string(start))
}

// catchUp brings a feed that was begun before to the present. What happened
// until now is for the maps that use it already; without any it is for nobody.
func (e *Engine) catchUp(ctx context.Context, key feedKey, row models.Feed, present string) error {
	uses, err := e.store.Uses(ctx, key.connection, key.entity)
	if err != nil {
		return err
	}
	if len(uses) == 0 {
		e.dropCapture(key)
		if err := e.store.DropFeed(ctx, row.ID); err != nil {
			return err
		}
		_, err = e.store.EnsureFeed(ctx, key.connection, key.entity, present)
		return err
	}
	for more := true; more && err == nil; {
		more, err = e.takeOver(ctx, key)
	}
	return err
}

// stopFeed ends a feed that no map uses any more and takes everything of ours
// out of the app.
func (e *Engine) stopFeed(ctx context.Context, key feedKey) error {
	uses, err := e.store.Uses(ctx, key.connection, key.entity)
	if err != nil || len(uses) > 0 {
		return err
	}
	row, err := e.store.FeedOf(ctx, key.connection, key.entity)
	if models.KindOf(err) == models.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	app, err := e.apps.connector(ctx, key.connection)
	if err != nil {
		return err
	}
	feed, err := app.Feed(ctx, key.entity)
	if err != nil {
		return fmt.Errorf("feed of %s: %w", key.entity, err)
	}
	if err := e.store.DropFeed(ctx, row.ID); err != nil {
		return err
	}
	return feed.Stop(ctx)
}
