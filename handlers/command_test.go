package handlers_test

import (
	"net/http"
	"net/url"
	"testing"

	"dualwrite/models"
	"dualwrite/views"
)

func TestPauseTakesRelatedMapsAlong(t *testing.T) {
	c, groups, customers, _ := mustOpenWithMaps(t)
	c.move(models.RunLive, groups, customers)
	c.engine.related = []models.Summary{c.summary(groups)}
	b := c.signedIn(models.Operator)
	p := b.get("/maps/pause?id="+str(customers.ID)).wants(http.StatusOK).says("tbody", "(related)")
	p.submit("#dialog form", nil).leadsTo("/maps")
	c.wantsCalls("operator: pause [" + str(customers.ID) + "]")
	p.submit("#dialog form", url.Values{"step": {str(customers.ID), str(groups.ID)}}).leadsTo("/maps")
	c.wantsCalls("operator: pause [" + str(customers.ID) + " " + str(groups.ID) + "]")
	b.get("/maps").says("#notices", "Pause: 2 maps.")
}

func TestACommandIsOfferedWhereItIsValidAndSaysWhyNotElsewhere(t *testing.T) {
	c, groups, customers, _ := mustOpenWithMaps(t)
	c.move(models.RunLive, customers)
	b := c.signedIn(models.Operator)
	p := b.get("/maps/pause?id="+str(customers.ID)+"&id="+str(groups.ID)).wants(http.StatusOK).says("tr.refused", "only a running map can be paused")
	if p.Find("input[name=step][checked]").Length() != 1 || p.Find("input[name=step][disabled]").Length() != 1 {
		t.Error("the valid map is not the only one ticked")
	}
	p.submit("#dialog form", url.Values{"step": {str(groups.ID)}}).wants(http.StatusConflict).says("[role=alert]", "changed meanwhile")
	p.submit("#dialog form", url.Values{"step": {"99"}}).wants(http.StatusConflict)
	p.submit("#dialog form", url.Values{"step": nil}).wants(http.StatusUnprocessableEntity)
	b.get("/maps/pause?id=99").wants(http.StatusNotFound)
	b.get("/maps/pause").wants(http.StatusUnprocessableEntity)
	c.wantsCalls()
}

func TestResumeGivesTheThreeChoices(t *testing.T) {
	c, _, customers, _ := mustOpenWithMaps(t)
	c.move(models.RunLive, customers)
	c.move(models.Pause, customers)
	b := c.signedIn(models.Operator)
	id := str(customers.ID)
	for choice, want := range map[string]string{
		views.ResumeCatchUp: "operator: resume [" + id + "]",
		views.ResumeKeep:    "operator: skip to live [" + id + "], discard false",
		views.ResumeDiscard: "operator: skip to live [" + id + "], discard true",
	} {
		p := b.get("/maps/resume?id=" + id).wants(http.StatusOK)
		if p.Find("input[name=choice][checked]").AttrOr("value", "") != views.ResumeCatchUp {
			t.Error("catching up is not the default")
		}
		p.submit("#dialog form", url.Values{"choice": {choice}}).leadsTo("/maps")
		c.wantsCalls(want)
	}
	b.get("/maps/resume?id="+id).submit("#dialog form", url.Values{"choice": {"guess"}}).wants(http.StatusUnprocessableEntity)

	c.move(models.Resume, customers)
	p := b.get("/maps/resume?id=" + id).wants(http.StatusOK)
	p.submit("#dialog form", url.Values{"choice": {views.ResumeCatchUp}}).wants(http.StatusUnprocessableEntity).says("[role=alert]", "catches up already")
	p.submit("#dialog form", nil).leadsTo("/maps")
	c.wantsCalls("operator: skip to live [" + id + "], discard false")
}

func TestStopSaysWhatIsGivenUp(t *testing.T) {
	c, _, customers, _ := mustOpenWithMaps(t)
	c.move(models.RunLive, customers)
	c.exec("UPDATE tallies SET captured = 1200, queued = 1200 WHERE map_id = ?", customers.ID)
	b := c.signedIn(models.Operator)
	p := b.get("/maps/stop?id="+str(customers.ID)).says(".message", "1,200 queued changes are given up").says(".message", "queues nothing")
	p.submit("#dialog form", nil).leadsTo("/maps")
	c.wantsCalls("operator: stop [" + str(customers.ID) + "]")
}

func TestSkipInitialSyncIsForInitializingMaps(t *testing.T) {
	c, groups, customers, _ := mustOpenWithMaps(t)
	c.move(models.Run, customers)
	b := c.signedIn(models.Operator)
	b.get("/maps/skip?id="+str(customers.ID)+"&id="+str(groups.ID)).submit("#dialog form", nil).leadsTo("/maps")
	c.wantsCalls("operator: skip initial sync [" + str(customers.ID) + "]")
}

func TestACommandThatLostARaceIsAConflict(t *testing.T) {
	c, _, customers, _ := mustOpenWithMaps(t)
	c.move(models.RunLive, customers)
	p := c.signedIn(models.Operator).get("/maps/pause?id=" + str(customers.ID))
	c.engine.err = models.Errorf(models.Conflict, "it moved meanwhile")
	p.submit("#dialog form", nil).wants(http.StatusConflict).says("[role=alert]", "it moved meanwhile")
	c.engine.err = models.Errorf(models.Internal, "the secret reason")
	got := p.submit("#dialog form", nil).wants(http.StatusInternalServerError)
	if got.says("main", "request"); got.Find("main").Text() == "" || contains(got.body, "the secret reason") {
		t.Error("an internal fault is shown to the person")
	}
}
