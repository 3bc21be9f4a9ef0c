package practice

import "slices"

// Kind says in what way a planted record is special.
type Kind string

// The kinds. The first three are copied in the right order or in two steps; the
// next four are texts that must arrive unchanged; the last four cannot be copied
// until somebody mends them.
const (
	SelfReference     Kind = "self reference"
	CircularReference Kind = "circular reference"
	GroupOnOneSide    Kind = "group on one side only"
	Quotes            Kind = "quotes"
	LineEnds          Kind = "line ends"
	Emoji             Kind = "emoji"
	RightToLeft       Kind = "right-to-left"
	TooLong           Kind = "too long"
	MissingParent     Kind = "missing parent"
	DuplicateKey      Kind = "duplicate key"
	NoAlternateKey    Kind = "no alternate key"
)

// Bad reports whether a record of this kind cannot be copied as it is.
func (k Kind) Bad() bool { return k == TooLong || k == MissingParent || k == DuplicateKey }

// Plant is a record that was made special on purpose. Company and Key are empty
// where the plant is the entity itself.
type Plant struct {
	Map     string
	Company string
	Key     string
	Kind    Kind
	Note    string
}

// place is where a planted record stands in the data, by the key it was
// generated with.
type place struct{ mapName, company, key string }

// planting is a plant and what makes it one.
type planting struct {
	Plant
	generated string // key before the change, where the change is to the key
	change    func(values)
}

// Planted lists every record that is special on purpose. No other record refers
// to itself, is refused by the other app, or holds unusual texts. Accounts and
// their primary contacts refer to each other in many other pairs too, but those
// are on both sides already, so that nothing hangs on the order.
func Planted() []Plant {
	var all []Plant
	for _, p := range slices.Concat(references(), accountTexts(), contactTexts(), badRecords()) {
		all = append(all, p.Plant)
	}
	return append(all, Plant{Map: paymentDayLines, Kind: NoAlternateKey, Note: "msdyn_paymentdaylines has no unique key"})
}

func plantsByPlace() map[place]planting {
	all := map[place]planting{}
	for _, p := range slices.Concat(references(), accountTexts(), contactTexts(), badRecords()) {
		key := p.Key
		if p.generated != "" {
			key = p.generated
		}
		all[place{p.Map, p.Company, key}] = p
	}
	return all
}

// references are the records that need another record, or themselves, first.
func references() []planting {
	return []planting{
		plant(accounts, "US0461", SelfReference, "left only; its invoice account is itself", set("INVOICEACCOUNT", "US0461")),
		plant(accounts, "US0462", CircularReference, "left only; its contact person is 000046", set("CONTACTPERSONID", "000046")),
		plant(contactPersons, "000046", CircularReference, "left only; contact person of US0462", set("ASSOCIATEDCONTACTNUMBER", "US0462")),
		plant(accounts, "US5010", CircularReference, "right only; its primary contact is 500001", set("CONTACTPERSONID", "500001")),
		plant(contactPersons, "500001", CircularReference, "right only; contact of US5010", set("ASSOCIATEDCONTACTNUMBER", "US5010")),
		plant(customerGroups, "110", GroupOnOneSide, "left only; used by US0463 and US0911; needs terms Net75, which are left only too", func(values) {}),
		plant(accounts, "US0463", GroupOnOneSide, "left only; in group 110", set("CUSTOMERGROUPID", "110")),
		plant(contacts, "US0911", GroupOnOneSide, "left only; in group 110", set("CUSTOMERGROUPID", "110")),
		plant(customerGroups, "120", GroupOnOneSide, "right only; used by US5011 and US5160; needs terms Net120, which are right only too", func(values) {}),
		plant(accounts, "US5011", GroupOnOneSide, "right only; in group 120", set("CUSTOMERGROUPID", "120")),
		plant(contacts, "US5160", GroupOnOneSide, "right only; in group 120", set("CUSTOMERGROUPID", "120")),
	}
}

const (
	longName  = "The Very Long Name Company for the Import, Export, Storage, Repair and Resale of Used, Refurbished and Nearly New Lighthouse Equipment, Foghorns, Signal Lamps and Buoys, Inc."
	longTitle = "Deputy assistant to the acting vice president for forms, approvals, counter-signatures and related correspondence"
)

// badRecords cannot be copied. All are on the left only.
func badRecords() []planting {
	other := plant(contacts, "us0923", DuplicateKey, "left only; differs from US0923 in letter case alone, which the right app ignores", set("CUSTOMERACCOUNT", "us0923"))
	other.generated = "US0924"
	return []planting{
		plant(accounts, "US0471", TooLong, "ORGANIZATIONNAME has more than the 160 characters of name", set("ORGANIZATIONNAME", longName)),
		plant(accounts, "US0472", MissingParent, "customer group GHOST exists on neither side", set("CUSTOMERGROUPID", "GHOST")),
		plant(contacts, "US0921", TooLong, "PERSONPROFESSIONALTITLE has more than the 100 characters of jobtitle", set("PERSONPROFESSIONALTITLE", longTitle)),
		plant(contacts, "US0922", MissingParent, "customer group GHOST exists on neither side", set("CUSTOMERGROUPID", "GHOST")),
		plant(contacts, "US0923", DuplicateKey, "left only; differs from us0923 in letter case alone, which the right app ignores", func(values) {}),
		other,
	}
}

// plant makes a planting in company USMF, where all of them are.
func plant(mapName, key string, kind Kind, note string, change func(values)) planting {
	return planting{Plant: Plant{Map: mapName, Company: "USMF", Key: key, Kind: kind, Note: note}, change: change}
}

func set(column string, value any) func(values) {
	return func(v values) { v[column] = value }
}
