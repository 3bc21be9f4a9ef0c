package handlers_test

import (
	"net/http"
	"testing"

	"dualwrite/models"
)

func TestAMapThatIsNotRunningCanBeDeleted(t *testing.T) {
	c, groups, customers, _ := mustOpenWithMaps(t)
	b := c.signedIn(models.Administrator)
	path := "/maps/" + str(groups.ID)
	p := b.get(path+"/delete").says("#dialog", "In the apps nothing is changed")
	c.move(models.RunLive, groups)
	p.submit("#dialog form", nil).wants(http.StatusConflict).says("#dialog", "stop it first")
	b.get(path+"/delete").says("#dialog", "Stop it first")
	c.move(models.Stop, groups)
	c.exec(`UPDATE entity_maps SET definition = json_set(definition, '$.needs', json_array(?)) WHERE id = ?`, groups.Name, customers.ID)
	b.get(path+"/delete").says("#dialog", "needed first by "+customers.Name)
	c.exec(`UPDATE entity_maps SET definition = json_remove(definition, '$.needs') WHERE id = ?`, customers.ID)
	b.get(path + "/details").wants(http.StatusOK)
	b.get(path+"/delete").submit("#dialog form", nil).leadsTo("/maps")
	b.get(path + "/details").wants(http.StatusNotFound)
	b.get("/activity").says("main", "entity map deleted").says("main", groups.Name)
}
