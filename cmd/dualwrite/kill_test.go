package main

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"dualwrite/models"
)

// setting reads a number that a longer run is given by the environment.
func setting(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// killsAtATime is how often the program is killed before the apps are looked at.
const killsAtATime = 7

// TestKillsLoseAndDoubleNothing kills the real program at random moments of the
// initial write, of live traffic and of catching up, while users edit both apps
// (I6). DUALWRITE_KILLS says how often, DUALWRITE_SEED repeats a run's choices.
func TestKillsLoseAndDoubleNothing(t *testing.T) {
	kills := int(setting(t, "DUALWRITE_KILLS", 20))
	seed := setting(t, "DUALWRITE_SEED", uint64(time.Now().UnixNano()))
	t.Logf("DUALWRITE_KILLS=%d DUALWRITE_SEED=%d", kills, seed)
	k := &killing{site: &site{t: t, dir: copyOf(t, freshFolder(t))}, chance: rand.New(rand.NewPCG(seed, 0))}
	k.look()
	k.mendPlanted()
	k.traffic = newTraffic(k.site, k.chance)
	k.command(func() { k.run(runnable()...) })
	for i := range kills {
		if i < kills/3 {
			k.killDuring(k.busy)
		} else {
			k.killDuring(k.prepare())
		}
		// An initial write that is cut short each time would never end, and what
		// is lost should be missed before a later edit covers it up.
		if (i+1)%killsAtATime == 0 || i+1 == kills {
			k.settle()
			k.traffic.verify(k.site)
			k.differsOnly(nil, runnable()...)
		}
	}
	k.command(func() {
		for _, name := range runnable() {
			k.is(name, models.Running)
			k.hasErrors(name)
			k.sumsUp(name)
		}
	})
	t.Logf("%d kills in initial writes, %d in catch-up, %d in live traffic", k.initial, k.resuming, kills-k.initial-k.resuming)
}

// killing is a site whose program is killed again and again.
type killing struct {
	*site
	chance            *rand.Rand
	traffic           *traffic
	initial, resuming int
}

// command opens the program in this process for as long as it takes to give a command.
func (k *killing) command(give func()) {
	k.t.Helper()
	k.start()
	give()
	k.check(k.stop())
	k.traffic.apps = [2]*app{k.left, k.right}
}

// prepare makes the next kill meet live traffic, a catch-up or another initial
// write, and gives what to wait for before it.
func (k *killing) prepare() (ready func()) {
	k.t.Helper()
	ctx := context.Background()
	switch n := k.chance.IntN(10); {
	case n < 4:
		return k.quiet
	case n < 8:
		k.command(func() {
			if k.summary(contactsMap).Status == models.Running && k.summary(accountsMap).Status == models.Running {
				k.check(k.engine.Pause(ctx, who, k.ids(contactsMap, accountsMap)))
			}
		})
		for range 200 {
			k.traffic.one(false)
		}
		k.command(func() {
			if k.summary(contactsMap).Status == models.Paused {
				k.check(k.engine.Resume(ctx, who, k.ids(contactsMap, accountsMap)))
			}
		})
	default:
		k.command(func() {
			if k.summary(contactsMap).Status == models.Running {
				k.check(k.engine.Stop(ctx, who, k.ids(contactsMap)))
				k.run(contactsMap)
			}
		})
	}
	return k.busy
}

// busy waits for nothing: the program goes to work as soon as it has started.
func (k *killing) busy() {}

// killDuring starts the program and kills it within half a second of being
// ready, or now and then while it starts, and lets users edit meanwhile. At
// most one record is deleted, so that no guard asks.
func (k *killing) killDuring(ready func()) {
	k.t.Helper()
	var p *process
	if k.chance.IntN(8) == 0 {
		p, _ = spawn(k.t, k.dir)
	} else {
		p = serve(k.t, k.dir)
		ready()
	}
	deletes := k.chance.IntN(2) == 0
	for end := time.Now().Add(time.Duration(k.chance.IntN(500)) * time.Millisecond); time.Now().Before(end); {
		running := k.storeText("SELECT status FROM entity_maps WHERE name = ?", contactsMap) == string(models.Running)
		before := len(k.traffic.deleted)
		k.traffic.one(running && deletes)
		deletes = deletes && len(k.traffic.deleted) == before
	}
	p.kill()
	switch {
	case k.storeText("SELECT count(*) FROM executions WHERE state IN ('waiting', 'reading', 'writing')") != "0":
		k.initial++
	case k.storeText("SELECT count(*) FROM entity_maps WHERE status = 'resuming'") != "0":
		k.resuming++
	}
}

// settle lets the program finish what is left, and end.
func (k *killing) settle() {
	k.t.Helper()
	p := serve(k.t, k.dir)
	for _, name := range runnable() {
		k.await(name+" is running", func() bool {
			return k.storeText("SELECT status FROM entity_maps WHERE name = ?", name) == string(models.Running)
		})
	}
	k.quiet()
	p.terminate()
}
