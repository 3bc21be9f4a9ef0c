package practice

import (
	"embed"
	"encoding/json"
	"fmt"
)

//go:embed maps/*.json
var mapFiles embed.FS

// MapFile is an entity map as it ships with the practice environment.
type MapFile struct {
	Name        string // "Customers V3 (contacts)": left label and right entity
	Description string
	Publisher   string
	Version     string
	Definition  []byte // JSON of the map's definition
}

// The names of the maps.
const (
	legalEntities        = "Legal entities (cdm_companies)"
	currencies           = "Currencies (transactioncurrencies)"
	paymentDays          = "Payment days CDS (msdyn_paymentdays)"
	paymentDayLines      = "Payment day lines CDS V2 (msdyn_paymentdaylines)"
	paymentSchedules     = "Payment schedule (msdyn_paymentschedules)"
	paymentScheduleLines = "Payment schedule lines (msdyn_paymentschedulelines)"
	termsOfPayment       = "Terms of payment (msdyn_paymentterms)"
	paymentMethods       = "Customer payment method (msdyn_customerpaymentmethods)"
	customerGroups       = "Customer groups (msdyn_customergroups)"
	vendors              = "Vendors V2 (msdyn_vendors)"
	accounts             = "Customers V3 (accounts)"
	contacts             = "Customers V3 (contacts)"
	contactPersons       = "CDS Contacts V2 (contacts)"
)

// Maps lists the entity maps between the two practice apps, each after the maps
// that it needs first; only accounts and contact persons need each other.
func Maps() []MapFile {
	return []MapFile{
		mapFile(legalEntities, "legal-entities", "Companies, which every company-specific map needs first."),
		mapFile(currencies, "currencies", "Currencies, without the placeholder 999."),
		mapFile(paymentDays, "payment-days", "Days of the week or month on which invoices are paid."),
		mapFile(paymentDayLines, "payment-day-lines", "The single days of each payment day. Common Data Service has no key for them."),
		mapFile(paymentSchedules, "payment-schedules", "Plans for payment in instalments."),
		mapFile(paymentScheduleLines, "payment-schedule-lines", "The single instalments of each payment schedule."),
		mapFile(termsOfPayment, "terms-of-payment", "When an invoice falls due."),
		mapFile(paymentMethods, "customer-payment-methods", "How customers pay."),
		mapFile(customerGroups, "customer-groups", "Groups of customers with their usual terms of payment."),
		mapFile(vendors, "vendors", "Vendors; some are customers too."),
		mapFile(accounts, "customers-accounts", "Customers that are organisations, with accounts."),
		mapFile(contacts, "customers-contacts", "Customers that are persons, with contacts that buy."),
		mapFile(contactPersons, "cds-contacts", "Contact persons of customers, with contacts that do not buy."),
	}
}

// mapFile reads an embedded definition; that it exists is settled when the
// program is compiled and tested.
func mapFile(name, file, description string) MapFile {
	definition, err := mapFiles.ReadFile("maps/" + file + ".json")
	if err != nil {
		panic(err)
	}
	return MapFile{Name: name, Description: description, Publisher: "Dualwrite practice", Version: "1.0.0.0", Definition: definition}
}

// mapping is what making the data needs of a map's definition.
type mapping struct {
	name        string
	Left, Right endpoint
	Key         []struct{ Left, Right string }
	Fields      []fieldMapping
}

type endpoint struct{ Entity, Company string }

type fieldMapping struct {
	Left, Right, Direction string
	Transforms             []struct {
		Type    string
		Default *string
		Pairs   []struct{ Left, Right string }
	}
}

// mappings reads the definitions of all maps, in the order of Maps.
func mappings() ([]*mapping, error) {
	var all []*mapping
	for _, f := range Maps() {
		m := &mapping{name: f.Name}
		if err := json.Unmarshal(f.Definition, m); err != nil {
			return nil, fmt.Errorf("read the definition of %s: %w", f.Name, err)
		}
		all = append(all, m)
	}
	return all, nil
}
