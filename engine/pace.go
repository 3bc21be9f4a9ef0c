package engine

import "time"

// pace has the changes of a busy app taken over in batches that are worth what
// each costs: a look at the app, a commit of the store, a read and a write of the
// records. A change that comes alone is taken over at once.
type pace struct {
	at   time.Time // of the last batch
	rate float64   // changes a second
}

const (
	busyRate    = 1000 // changes a second from which on batches are waited for
	worthTaking = 2000 // changes that a batch should have
	longestRest = 250 * time.Millisecond
)

// took notes a batch.
func (p *pace) took(changes int, now time.Time) {
	since := max(now.Sub(p.at), time.Millisecond)
	p.at, p.rate = now, (p.rate+float64(changes)/since.Seconds())/2
}

// rest is how long to leave the app alone from a moment on.
func (p *pace) rest(now time.Time) time.Duration {
	if p.rate < busyRate || now.Sub(p.at) > longestRest {
		return 0
	}
	return min(longestRest, time.Duration(worthTaking/p.rate*float64(time.Second)))
}
