package engine

import (
	"time"

	"dualwrite/models"
)

// progress collects what one page of an initial write adds to its execution.
type progress struct {
	run   models.Execution // state and position as they are after the page
	added models.Execution // counts of the page
}

// add counts an item, unless it is to be looked at again.
func (p *progress) add(it *item) {
	if it.out == moved || it.out == undecided {
		return
	}
	a := &p.added
	a.Done++
	switch {
	case it.fault != nil && it.fault.Side == models.Left:
		a.LeftFailed++
	case it.fault != nil:
		a.RightFailed++
	case it.out == outside:
		a.Filtered++
	case it.wrote == [2]action{}:
		a.Equal++
	}
	count := func(what action, created, updated *int64) {
		switch what {
		case createRecord:
			*created++
		case updateRecord:
			*updated++
		case leave, deleteRecord:
		}
	}
	count(it.wrote[0], &a.LeftCreated, &a.LeftUpdated)
	count(it.wrote[1], &a.RightCreated, &a.RightUpdated)
}

// commit is the progress as the store adds it; the counts are then spent.
func (p *progress) commit() *models.Execution {
	c := p.added
	c.ID, c.State, c.Partitions, c.Partition, c.Offset = p.run.ID, p.run.State, p.run.Partitions, p.run.Partition, p.run.Offset
	c.LeftTotal, c.RightTotal, c.FinishedAt = p.run.LeftTotal, p.run.RightTotal, p.run.FinishedAt
	p.added = models.Execution{}
	return &c
}

// finish gives the execution its end.
func finish(run *models.Execution, failed bool, at time.Time) {
	run.State = models.Succeeded
	if failed {
		run.State = models.WithErrors
	}
	run.FinishedAt = &at
}
