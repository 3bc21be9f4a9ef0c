package cds_test

import "testing"

func TestALookupToSeveralSetsHasANavigationPropertyForEach(t *testing.T) {
	d := start(t)
	parent, child := d.parent("p"), d.child("c")
	d.Wants(204, "POST remarks", `{"subject":"one","about_parent@odata.bind":"/parents(`+parent+`)"}`)
	d.Wants(204, "POST remarks", `{"subject":"two","about_child@odata.bind":"/children(dataareaid='usmf',number='c')"}`)
	read := "GET remarks(subject='%')?$select=_about_value&$expand=about_parent($select=code),about_child($select=number)"
	at := func(subject string) string { return read[:21] + subject + read[22:] }
	d.Wants(200, at("one"), "", `"_about_value":"`+parent+`"`, `"code":"p"`, `"about_child":null`)
	d.Wants(200, at("two"), "", `"_about_value":"`+child+`"`, `"about_parent":null`, `"number":"c"`)
	d.Wants(200, "GET remarks?$filter=about_child/number%20eq%20'c'&$select=subject", "", `"subject":"two"`)
	d.Wants(204, "PATCH remarks(subject='one')", `{"about_child@odata.bind":"/children(`+child+`)"}`)
	d.Wants(200, at("one"), "", `"about_parent":null`, `"number":"c"`)
	d.Wants(400, "PATCH remarks(subject='one')", `{"about_child@odata.bind":null,"about_parent@odata.bind":"/parents(`+parent+`)"}`, "bound by")
	d.Wants(400, "PATCH remarks(subject='one')", `{"about_child@odata.bind":"/parents(`+parent+`)"}`, "does not name a record of children")
	d.Wants(204, "PATCH remarks(subject='one')", `{"about_parent@odata.bind":null}`)
	d.Wants(200, at("one"), "", `"_about_value":null`)
	d.Wants(200, "GET EntityDefinitions(LogicalName='remark')/Attributes(LogicalName='about')", "", `"Targets":["parent","child"]`)
	d.Wants(200, "GET $metadata", "", `<NavigationProperty Name="about_parent" Type="mscrm.parent"`, `<NavigationProperty Name="about_child" Type="mscrm.child"`)
	if a := d.Call("GET remarks(subject='two')", ""); len(a.Body) == 0 || a.Field("_about_value") != child {
		t.Errorf("all of it is %s", a.Body)
	}
}
