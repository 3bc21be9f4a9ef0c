package engine

import (
	"dualwrite/connectors"
	"dualwrite/connectors/memory"
)

// crash is what a fault panics with when the program dies.
type crash struct{}

// observer lets the oracle judge every write of the engine.
func (s *sim) observer(side int) func(string, string, map[string]connectors.Value, map[string]connectors.Value, string) {
	return func(_, id string, before, after map[string]connectors.Value, _ string) {
		if s.kind == moving {
			s.note("  engine writes on %d: %v to %v (%s)", side, before, after, id)
			return
		}
		if after == nil {
			s.oracle.engineWrote(side, before["code"].Text(), nil)
			s.note("  engine deletes %s on %d", before["code"].Text(), side)
			return
		}
		values := map[int]string{}
		for f, name := range fieldNames {
			values[f] = after[name].Text()
		}
		s.oracle.engineWrote(side, after["code"].Text(), values)
		s.note("  engine writes %s on %d: %v (%s)", after["code"].Text(), side, values, id)
	}
}

// fault makes calls fail, answers vanish and the program die.
func (s *sim) fault(side int) func(memory.Call) memory.Verdict {
	return func(c memory.Call) memory.Verdict {
		if !s.faults || c.Op == "open" || c.Op == "describe" || c.Op == "feed" {
			return memory.Verdict{}
		}
		transient := &connectors.Error{Kind: connectors.Transient, Op: c.Op, Message: "a passing fault"}
		die := func() { panic(crash{}) }
		odds := 60
		if s.kind != wild && c.Op == "write" {
			odds = 20
		}
		switch n := s.r.IntN(odds); {
		case n < 2:
			return memory.Verdict{Before: transient}
		case n < 4:
			s.note("  reply of %s on %d lost", c.Op, side)
			return memory.Verdict{LoseReply: true}
		case n < 6 && c.Op == "write" && c.Items > 1:
			return memory.Verdict{StopAfter: 1 + s.r.IntN(c.Items-1)}
		case n < 8:
			s.note("  crash after %s on %d", c.Op, side)
			return memory.Verdict{Run: die}
		case n < 10:
			s.note("  crash before %s on %d", c.Op, side)
			panic(crash{})
		case n < 14:
			return memory.Verdict{Run: s.userOp}
		}
		return memory.Verdict{}
	}
}

// race lets a user edit between our read and our write, and the app refuse.
func (s *sim) race(side int) func(string, connectors.Write) *connectors.Error {
	return func(string, connectors.Write) *connectors.Error {
		if !s.faults {
			return nil
		}
		switch n := s.r.IntN(30); {
		case n < 4:
			s.userOp()
		case n < 5:
			s.note("  app %d refuses", side)
			return &connectors.Error{Kind: connectors.Invalid, Message: "the app says no"}
		case n < 6:
			s.note("  crash in the middle of a batch on %d", side)
			panic(crash{})
		}
		return nil
	}
}

// guarded runs a piece of the program; a crash ends that program.
func (s *sim) guarded(work func()) {
	s.inside = true
	defer func() {
		s.inside = false
		switch p := recover(); p.(type) {
		case nil:
		case crash:
			s.note("CRASH")
			if err := s.restart(); err != nil {
				panic(err)
			}
		default:
			panic(p)
		}
	}()
	work()
}
