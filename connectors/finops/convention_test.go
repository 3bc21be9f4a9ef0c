package finops_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"dualwrite/connectors"
	"dualwrite/connectors/finops"
)

const recordedMetadata = `<?xml version="1.0"?><edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0"><edmx:DataServices>
<Schema Namespace="Microsoft.Dynamics.DataEntities" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EnumType Name="NoYes"><Member Name="No" Value="0"/><Member Name="Yes" Value="1"/></EnumType>
<EnumType Name="CreditCardPaymentType"><Member Name="None" Value="0"/><Member Name="Fuel" Value="1"/></EnumType>
<EnumType Name="Timezone"><Member Name="GMT" Value="0"/></EnumType>
<EntityType Name="Customer"><Key><PropertyRef Name="dataAreaId"/><PropertyRef Name="CustomerAccount"/></Key>
<Property Name="dataAreaId" Type="Edm.String" Nullable="false"/><Property Name="CustomerAccount" Type="Edm.String" Nullable="false"/>
<Property Name="NameAlias" Type="Edm.String"/><Property Name="CreditLimit" Type="Edm.Decimal" Nullable="false" Scale="6"/>
<Property Name="LineNumber" Type="Edm.Int32" Nullable="false"/><Property Name="PartyRecId" Type="Edm.Int64" Nullable="false"/>
<Property Name="BirthDate" Type="Edm.DateTimeOffset" Nullable="false"/><Property Name="SeenDateTime" Type="Edm.DateTimeOffset" Nullable="false"/>
<Property Name="WorkerGuid" Type="Edm.Guid" Nullable="false"/><Property Name="OnHold" Type="Microsoft.Dynamics.DataEntities.NoYes"/>
<Property Name="CardType" Type="Microsoft.Dynamics.DataEntities.CreditCardPaymentType"/><Property Name="AddressTimeZone" Type="Microsoft.Dynamics.DataEntities.Timezone"/></EntityType>
<EntityContainer Name="Resources"><EntitySet Name="Customers" EntityType="Microsoft.Dynamics.DataEntities.Customer"/></EntityContainer></Schema></edmx:DataServices></edmx:Edmx>`

// recordedApp tells one record that has no values but for its key, as the app
// spells that, and keeps what is written to it.
type recordedApp struct{ record, written map[string]any }

func (a *recordedApp) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasSuffix(r.URL.Path, "$metadata"):
		_, _ = io.WriteString(w, recordedMetadata)
	case r.Method == http.MethodPatch || r.Method == http.MethodPost:
		d := json.NewDecoder(r.Body)
		d.UseNumber()
		a.written = nil
		if d.Decode(&a.written) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	default:
		_ = json.NewEncoder(w).Encode(map[string]any{"value": []any{a.record}})
	}
}

// TestNoValueIsReadAndWrittenAsTheAppSpellsIt holds each convention of the app by
// itself: what it tells of a field without a value, and takes for that, beside a
// value that must not be taken for none.
func TestNoValueIsReadAndWrittenAsTheAppSpellsIt(t *testing.T) {
	day, null := time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), connectors.NullValue()
	amount := func(s string) connectors.Value {
		v, err := connectors.DecimalValue(s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct {
		convention, field string
		none              any              // as the app spells it
		read              connectors.Value // what that is read as
		told              any              // a value, as the app spells it
		value             connectors.Value
	}{
		{"an empty text is no text", "NameAlias", "", null, "Söhne", text("Söhne")},
		{"no amount is zero, which is an amount", "CreditLimit", json.Number("0"), amount("0"), json.Number("0.1"), amount("0.1")},
		{"no number is zero, which is a number", "LineNumber", json.Number("0"), connectors.IntValue(0), json.Number("7"), connectors.IntValue(7)},
		{"a record id is a number of 64 bits", "PartyRecId", json.Number("0"), connectors.IntValue(0), json.Number("9007199254740993"), connectors.IntValue(1<<53 + 1)},
		{"no day is noon of 1900-01-01", "BirthDate", "1900-01-01T12:00:00Z", null, "2024-02-29T12:00:00Z", connectors.DateValue(day)},
		{"no instant is the first of 1900", "SeenDateTime", "1900-01-01T00:00:00Z", null, "2024-02-29T00:00:00Z", connectors.DateTimeValue(day)},
		{"zeros identify nothing", "WorkerGuid", "00000000-0000-0000-0000-000000000000", null, "2e451703-4b1c-e711-80de-00155db19e6d", connectors.GUIDValue("2e451703-4b1c-e711-80de-00155db19e6d")},
		{"No is an answer, and null is none", "OnHold", nil, null, "No", text("No")},
		{"None is a member like any other", "CardType", nil, null, "None", text("None")},
		{"a time zone may be null", "AddressTimeZone", nil, null, "GMT", text("GMT")},
	} {
		t.Run(c.convention, func(t *testing.T) {
			app := &recordedApp{record: map[string]any{"@odata.etag": `W/"JzEsNTYzNzE0NDU3NjsnKg=="`, "dataAreaId": "usmf", "CustomerAccount": "US-001"}}
			for spelled, want := range map[any]connectors.Value{c.none: c.read, c.told: c.value} {
				app.record[c.field] = spelled
				if r := app.customer(t, c.field); r.Row[2] != want {
					t.Errorf("%v is read as %v, want %v", spelled, r.Row[2], want)
				}
			}
			for value, want := range map[connectors.Value]any{null: c.none, c.value: c.told} {
				if got, there := app.write(t, c.field, value); !there || got != want {
					t.Errorf("%v is written %v, want %v", value, got, want)
				}
			}
		})
	}
}

// open opens a field of the customers beside their key.
func (a *recordedApp) open(t *testing.T, field string) connectors.Entity {
	t.Helper()
	web := httptest.NewServer(a)
	t.Cleanup(web.Close)
	c, err := finops.Open(t.Context(), map[string]string{"url": web.URL, "token": "t"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	e, err := c.Open(t.Context(), connectors.Selection{Entity: "Customers", Fields: []string{"dataAreaId", "CustomerAccount", field}, Key: []int{0, 1}, Company: 0})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// customer reads the record.
func (a *recordedApp) customer(t *testing.T, field string) connectors.Record {
	t.Helper()
	page, _, err := a.open(t, field).Scan(t.Context(), "", 10)
	if err != nil || len(page) != 1 {
		t.Fatal(page, err)
	}
	return page[0]
}

// write writes the field of the record, and gives what the app was sent for it.
func (a *recordedApp) write(t *testing.T, field string, v connectors.Value) (sent any, there bool) {
	t.Helper()
	e := a.open(t, field)
	w := connectors.Write{Op: connectors.Update, ID: a.customer(t, field).ID, Row: connectors.Row{{}, {}, v}, Fields: []bool{false, false, true}}
	if results, err := e.Write(t.Context(), []connectors.Write{w}); err != nil || results[0].Outcome != connectors.Stored {
		t.Fatal(results, err)
	}
	sent, there = a.written[field]
	return sent, there
}

// TestFieldsThatCannotBeNullNeedNotBeGiven: the metadata says of every number, date
// and identifier that it cannot be null, and the app fills in what a create leaves out.
func TestFieldsThatCannotBeNullNeedNotBeGiven(t *testing.T) {
	app := &recordedApp{record: map[string]any{"@odata.etag": `W/"1"`, "dataAreaId": "usmf", "CustomerAccount": "US-001", "NameAlias": "a"}}
	row := connectors.Row{text("usmf"), text("US-001"), text("a")}
	results, err := app.open(t, "NameAlias").Write(t.Context(), []connectors.Write{{Op: connectors.Create, Row: row, Fields: []bool{true, true, true}}})
	if err != nil || app.written["NameAlias"] != "a" || len(app.written) != len(row) {
		t.Errorf("the app was sent %v: %+v, %v", app.written, results, err)
	}
}
