package connectortest

import "time"

var closeTests = []test{
	{promise: "closing twice is harmless", run: closesTwice},
	{promise: "closing ends who waits", lacks: noFeed, run: closesWaiting},
}

func closesTwice(b *bench) {
	b.open(Parents, nil)
	for range 2 {
		if err := b.Connector.Close(); err != nil {
			b.Error(err)
		}
	}
}

// closesWaiting closes until the wait has ended: there is no telling whether it
// has begun when the connector is closed for the first time.
func closesWaiting(b *bench) {
	f, at := b.feed(Children)
	answer := waiting(b.Context(), f, at)
	for begin := time.Now(); time.Since(begin) < patience; {
		if err := b.Connector.Close(); err != nil {
			b.Fatal(err)
		}
		select {
		case err := <-answer:
			if err == nil {
				b.Error("wait says that there are changes")
			}
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
	b.Fatal("wait does not end")
}
