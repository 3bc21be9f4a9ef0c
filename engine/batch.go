package engine

import (
	"context"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"

	"dualwrite/connectors"
	"dualwrite/models"
)

// rounds is how often a record that keeps moving under our hands is read and
// reconciled again before its changes are left for a later batch.
const rounds = 4

// process brings items in step and stores what came of it. The order of its
// steps is the one that DESIGN.md proves safe: read (done), fold, commit the
// intents, write on condition of the version, commit the results.
func (w *worker) process(ctx context.Context, items []*item, p *progress) error {
	initial := len(items) > 0 && items[0].initial
	again, err := w.once(ctx, items, p)
	if err != nil {
		return err
	}
	return w.lookAgain(ctx, again, initial, p)
}

// lookAgain reads records anew that moved under our hands and brings them in
// step.
func (w *worker) lookAgain(ctx context.Context, again []seed, initial bool, p *progress) error {
	for round := 1; len(again) > 0 && round < rounds; round++ {
		items, err := w.gather(ctx, again, false)
		if err != nil {
			return err
		}
		for _, it := range items {
			it.initial = initial
		}
		if again, err = w.once(ctx, items, p); err != nil {
			return err
		}
	}
	return nil
}

// again is what to look at when the item has to be read anew.
func (it *item) again() []seed {
	out := it.seeds
	if it.link != nil && it.link.ID != 0 {
		return append(out, seed{linkID: it.link.ID, retry: true})
	}
	for side, r := range it.rec {
		if r != nil {
			out = append(out, seed{side: side, ids: []string{r.ID}, retry: true})
		}
	}
	return out
}

// once takes items through one round and gives the reasons for another.
func (w *worker) once(ctx context.Context, items []*item, p *progress) (again []seed, err error) {
	for _, it := range items {
		w.decide(it)
	}
	if err := w.guard(ctx, items); err != nil {
		return nil, err
	}
	return w.carryOut(ctx, w.parts(items, p))
}

// heard lists the records of own writes whose change need not be looked at. The
// others' must: the link has no version of what was stored, since the app made
// something else of it, or there is no link.
func (w *worker) heard(items []*item) map[uint64][]uint64 {
	out := map[uint64][]uint64{}
	for _, it := range items {
		for side, a := range it.wrote {
			if a == leave || it.out != inStep {
				continue
			}
			id, l := it.pending[side].ID, &it.verdict.link.Sides[side]
			if a != deleteRecord {
				id = l.ID
			}
			if a == deleteRecord || l.Version != "" {
				out[it.sent[side]] = append(out[it.sent[side]], xxhash.Sum64String(id))
			}
		}
	}
	return out
}

// decide runs reconcile over an undecided item.
func (w *worker) decide(it *item) {
	if it.out != undecided {
		return
	}
	var now [2]image
	for side, r := range it.rec {
		if it.assumed[side] {
			l := &it.link.Sides[side]
			now[side] = image{present: true, id: l.ID, version: l.Version, sums: l.Sums}
		}
		if r == nil {
			continue
		}
		if !w.m.inMap(side, r.Row) {
			it.out = outside
			return
		}
		now[side] = image{present: true, id: r.ID, version: r.Version}
		if side == 1 && it.rec[0] != nil {
			now[1].sums = w.m.sumsBeside(1, r.Row, it.rec[0].Row, now[0].sums)
		} else {
			now[side].sums = w.m.sums(side, r.Row)
		}
		if it.unsettled() {
			now[side].empty = w.m.empties(side, r.Row)
		}
	}
	p := &w.pair
	*p = pair{link: it.link, now: now, rules: w.rules, master: w.master.Index(), first: w.firstWinner(it), receives: w.m.receives,
		initial: it.initial, revision: w.m.revision, slots: w.m.slots}
	switch {
	case it.assumes():
		p.same = sameSums(w.rules, now)
	case now[0].present && now[1].present:
		p.same, p.near = w.compare(it)
	}
	it.verdict = w.e.rule(p)
	if it.assumes() && !it.proves() {
		it.readAgain()
		return
	}
	it.verdict.link.MapID = w.id
	for side, r := range it.rec {
		if r != nil && (it.verdict.link.Key == "" || side == w.keySide(it)) {
			it.verdict.link.Key = w.m.matchKey(side, r.Row, w.fold)
		}
	}
	it.out = inStep
	if it.link == nil && it.rec[0] == nil && it.rec[1] == nil {
		it.out = nothing
	}
}

// keySide is the side that holds the agreed key, under which an unfinished write
// to the other side is found again.
func (w *worker) keySide(it *item) int {
	owed := it.verdict.link.Sides[0].Owed
	if !owed.Empty() && slices.ContainsFunc(w.m.fields, func(f field) bool { return f.key && owed.Has(f.slot) }) {
		return 1
	}
	return 0
}

// firstWinner says who wins where two records meet that were never linked: the
// master, unless only one side has just changed.
func (w *worker) firstWinner(it *item) int {
	left, right := len(it.seqs[0]) > 0, len(it.seqs[1]) > 0
	if it.initial || left == right {
		return w.master.Index()
	}
	if left {
		return 0
	}
	return 1
}

// proves reports whether what the item asks for shows if an assumption was wrong:
// a write to the side that was not read, and nothing for which both are needed.
func (it *item) proves() bool {
	for side, assumed := range it.assumed {
		if assumed != (it.verdict.write[side] != leave) {
			return false
		}
	}
	return len(it.verdict.conflicts) == 0
}

// sameSums finds the slots that have one sum on both sides.
func sameSums(rules []rule, now [2]image) (same models.Slots) {
	for _, r := range rules {
		if now[0].sums.At(r.slot) == now[1].sums.At(r.slot) {
			same.Add(r.slot)
		}
	}
	return same
}

// compare finds the slots whose values are the same, and those that one side
// may hold as its app normalised the other's.
func (w *worker) compare(it *item) (same models.Slots, near [2]models.Slots) {
	left, right := it.rec[0].Row, it.rec[1].Row
	unsettled := it.unsettled()
	for i := range w.m.fields {
		f := &w.m.fields[i]
		if f.constant() {
			continue
		}
		if f.same(left, right) {
			same.Add(f.slot)
			continue
		}
		for side, r := range [2]connectors.Row{left, right} {
			if !unsettled {
				break // only our own unfinished write has to be recognised
			}
			if v, err := f.project(1-side, it.rec[1-side].Row); err == nil && connectors.Loosely(v, f.norm(side, r[f.at[side]])) {
				near[side].Add(f.slot)
			}
		}
	}
	return same, near
}

// prepare makes the writes that the items of a part ask for.
func (w *worker) prepare(p *part) {
	for _, it := range p.items {
		if it.out == inStep && !it.verdict.quiet() {
			w.rows(it)
		}
	}
}

// commit stores what came of a part that was written, and before anything of
// another is written its conflicts and intents. Either may be nil.
func (w *worker) commit(ctx context.Context, done, next *part) error {
	c := &models.Commit{MapID: w.id, Began: w.began, Linkless: w.linkless}
	if next != nil {
		w.declare(c, next)
	}
	if done != nil {
		w.conclude(c, done)
		c.Taken = w.incoming
	} else if len(c.Intents) == 0 && len(c.Conflicts) == 0 {
		return nil
	}
	if err := w.e.store.Apply(ctx, w.lease, c); err != nil || done == nil {
		return err
	}
	if c.Taken != nil {
		w.tookOver()
	}
	w.e.echoes.end(done.sent, true, w.heard(done.items))
	w.e.changed(w.id)
	return nil
}

// declare adds the conflicts and intents of a part.
func (w *worker) declare(c *models.Commit, p *part) {
	c.Part = p.n
	for _, it := range p.items {
		if it.out != inStep || it.verdict.quiet() {
			continue
		}
		for _, cf := range it.verdict.conflicts {
			c.Conflicts = append(c.Conflicts, w.conflictOf(it, cf))
		}
		if it.verdict.link.Sides[0].Intent || it.verdict.link.Sides[1].Intent {
			c.Intents = append(c.Intents, &it.verdict.link)
		}
	}
	p.declared = len(c.Intents) > 0
	w.declared = w.declared || p.declared
}

// quiet reports whether there is nothing to write and nothing to record.
func (v *verdict) quiet() bool { return v.write == [2]action{} && len(v.conflicts) == 0 }

// conflictOf keeps both images of a conflict.
func (w *worker) conflictOf(it *item, c conflict) models.ConflictRecord {
	return models.ConflictRecord{ExecutionID: w.execution(it), Kind: c.kind, RecordKey: w.m.itemKey(it), LeftID: it.id(0), RightID: it.id(1),
		Fields: w.m.names(c.slots), Winner: models.Sides[c.winner], LeftImage: w.m.picture(0, it.rec[0]), RightImage: w.m.picture(1, it.rec[1])}
}

func (w *worker) execution(it *item) *int64 {
	if it.initial && w.run != nil {
		return &w.run.ID
	}
	return nil
}

// conclude adds links, fates, errors and debts of a part (I2); with the last
// one of a page, how far that has come.
func (w *worker) conclude(c *models.Commit, done *part) {
	c.Arrived = w.arrived(done.items)
	if done.declared {
		c.Settled = []int{done.n}
	}
	for _, it := range done.items {
		w.concludeItem(c, it)
		if done.progress != nil {
			done.progress.add(it)
		}
	}
	if done.progress != nil && done.whole {
		c.Progress = done.progress.commit()
	}
}

func (w *worker) concludeItem(c *models.Commit, it *item) {
	switch it.out {
	case moved, undecided:
		if it.verdict.link.ID != 0 {
			c.Links = append(c.Links, &it.verdict.link)
		}
		return
	case outside:
		if it.link != nil {
			c.Unlink = append(c.Unlink, it.link.ID)
		}
	case inStep:
		if !it.untouched() && (it.verdict.link.ID != 0 || it.verdict.link.Sides[0].Present || it.verdict.link.Sides[1].Present) {
			c.Links = append(c.Links, &it.verdict.link)
		}
		c.Wrote = c.Wrote || it.wrote != [2]action{}
		c.Owes = append(c.Owes, it.owes...)
		if it.link != nil && len(it.owes) == 0 && (w.owing(it.link) || it.asksFor(it.link)) {
			c.Paid = append(c.Paid, it.link.ID)
		}
	}
	if it.fault != nil {
		c.Errors = append(c.Errors, it.fault)
	} else if w.mayHaveErrors && (it.out != inStep || !it.untouched()) { // an echo says nothing of the other side
		c.Mended = append(c.Mended, it.subject())
	}
	for _, s := range it.seeds {
		if s.linkID != 0 && it.fault != nil {
			c.Delay = append(c.Delay, models.Retry{LinkID: s.linkID, At: w.e.store.Now().Add(w.e.cfg.Patience)})
		}
	}
	for side := range it.seqs {
		for i, seq := range it.seqs[side] {
			f := models.FateOf{Seq: seq, Fate: models.Folded}
			if i == len(it.seqs[side])-1 {
				f.Fate, f.Err = it.fate(side)
			}
			c.Fates = append(c.Fates, f)
		}
	}
}

// untouched reports whether the item was recognised as an echo by its version.
func (it *item) untouched() bool { return it.verdict.link.MapID == 0 }

// asksFor reports whether one of the seeds is a debt of the link. It is settled
// then even if the link owes nothing any more.
func (it *item) asksFor(l *models.Link) bool {
	return slices.ContainsFunc(it.seeds, func(s seed) bool { return s.linkID == l.ID })
}

func (w *worker) owing(l *models.Link) bool {
	return !l.Sides[0].Owed.Empty() || !l.Sides[1].Owed.Empty()
}

// fate is what became of the newest change of a side.
func (it *item) fate(side int) (models.Fate, *models.RecordError) {
	switch {
	case it.fault != nil:
		return models.Errored, it.fault
	case it.out == outside:
		return models.Filtered, nil
	case it.wrote[1-side] != leave, len(it.left[1-side]) > 0: // what is owed is paid when its parent arrives
		return models.Written, nil
	}
	for _, c := range it.verdict.conflicts {
		if c.winner != side {
			return models.Lost, nil
		}
	}
	return models.Equal, nil
}

// newError makes an error of an item, found on or meant for a side.
func (w *worker) newError(it *item, side int, f *fault) *models.RecordError {
	e := &models.RecordError{ExecutionID: w.execution(it), Stage: w.stage(it), Side: models.Sides[side], Company: w.m.companyOf(it), RecordKey: w.m.itemKey(it),
		LeftID: it.id(0), RightID: it.id(1), Field: f.field, Kind: f.kind, Message: f.message,
		LeftImage: w.m.picture(0, it.rec[0]), RightImage: w.m.picture(1, it.rec[1]), SeenAt: w.began}
	if f.kind == kindTaken {
		at := w.e.store.Now().Add(takenPatience)
		e.RetryAt = &at
	}
	return e
}

// takenPatience is how long to wait for another pair to give a key free.
const takenPatience = 2 * time.Second

// faultOf is an error of an item whose value cannot be carried to a side.
func (w *worker) faultOf(it *item, side int, f *fault) *models.RecordError {
	return w.newError(it, side, f)
}

func (w *worker) stage(it *item) models.Stage {
	switch {
	case it.initial:
		return models.StageInitial
	case w.status == models.Resuming:
		return models.StageCatchUp
	default:
		return models.StageLive
	}
}
