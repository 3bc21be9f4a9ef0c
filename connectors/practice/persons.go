package practice

import (
	"fmt"
	"strings"
)

// person adds a customer that is a person.
func (g *generator) person(c company, p presence, account string) {
	g.add(contacts, c.code, p, func() values {
		v := g.customer(c, p, account)
		first, last := pick(g, g.words.given...), pick(g, g.words.family...)
		v["PERSONFIRSTNAME"], v["PERSONLASTNAME"] = first, last
		v["PERSONMIDDLENAME"] = g.maybe(25, pick(g, g.words.given...))
		v["PERSONPROFESSIONALTITLE"] = g.maybe(60, pick(g, g.words.professions...))
		v["PERSONGENDER"] = g.gender()
		v["PERSONMARITALSTATUS"] = g.marital()
		g.communication(v, c, strings.ToLower(first), host(last))
		if v["PRIMARYCONTACTFAX"] != nil {
			v["PRIMARYCONTACTFAXEXTENSION"] = g.maybe(40, fmt.Sprint(10+g.IntN(90)))
		}
		g.address(v, "ADDRESS", c)
		v["ADDRESSPOSTBOX"] = g.maybe(10, fmt.Sprint(1000+g.IntN(9000)))
		for _, prefix := range []string{"ADDRESS", "INVOICEADDRESS", "DELIVERYADDRESS"} {
			g.position(v, prefix, c)
		}
		return v
	}, "PRIMARYCONTACTPHONE", "SALESMEMO", "ADDRESSSTREET", "PERSONPROFESSIONALTITLE", "PERSONMARITALSTATUS", "PERSONMIDDLENAME")
}

func (g *generator) gender() any {
	return g.maybe(80, pick(g, "male", "female", "non-Specific", "unknown"))
}

func (g *generator) marital() any {
	return g.maybe(60, pick(g, "single", "married", "divorced", "widowhood", "none"))
}

// contactPersons adds a company's share of 150 contact persons of customers.
func (g *generator) contactPersons(c company) {
	both, one := 9*c.share, 3*c.share
	g.numbered(both, 1, func(n int) {
		g.contactPerson(c, onBoth, n, associatedAccount(c, n))
	})
	g.numbered(one, both+1, func(n int) {
		g.contactPerson(c, onLeft, n, customerAccount(c, 90*c.share+26+g.IntN(30*c.share-25)))
	})
	g.numbered(one, 500001, func(n int) {
		g.contactPerson(c, onRight, n, customerAccount(c, 5020+g.IntN(30*c.share-20)))
	})
}

// A contact person of both apps belongs to the account whose number is three
// times its own, and every third is that account's primary contact.
func associatedAccount(c company, n int) string { return customerAccount(c, 3*n) }

func primaryContact(c company, account string) any {
	for n := 3; n <= 9*c.share; n += 3 {
		if associatedAccount(c, n) == account {
			return contactNumber(n)
		}
	}
	return nil
}

func contactNumber(n int) string { return fmt.Sprintf("%06d", n) }

func (g *generator) contactPerson(c company, p presence, n int, account string) {
	g.add(contactPersons, c.code, p, func() values {
		first, last := pick(g, g.words.given...), pick(g, g.words.family...)
		v := values{
			"CONTACTPERSONID":         contactNumber(n),
			"FIRSTNAME":               first,
			"LASTNAME":                last,
			"MIDDLENAME":              g.maybe(20, pick(g, g.words.given...)),
			"ASSOCIATEDCONTACTNUMBER": account,
			"EMPLOYMENTPROFESSION":    pick(g, g.words.professions...),
			"EMPLOYMENTDEPARTMENT":    pick(g, g.words.departments...),
			"PRIMARYEMAILADDRESS":     strings.ToLower(first + "." + last + "@" + account + ".example"),
			"PRIMARYPHONENUMBER":      c.phone(g),
			"GENDER":                  g.gender(),
			"MARITALSTATUS":           g.marital(),
			"BIRTHDATE":               g.maybe(50, g.day(1950, 50)),
			"ANNIVERSARY":             g.maybe(20, g.day(1990, 30)),
			"ISRECEIVINGDIRECTMAIL":   pick(g, "yes", "no"),
			"SPOUSENAME":              g.maybe(10, pick(g, g.words.given...)+" "+last),
			"NOTES":                   g.maybe(30, pick(g, g.words.memos...)),
		}
		if p != onRight {
			v["CONTACTPERSONPARTYNUMBER"] = fmt.Sprintf("%s-%06d-C", c.prefix, n)
		}
		g.address(v, "PRIMARYADDRESS", c)
		return v
	}, "PRIMARYPHONENUMBER", "EMPLOYMENTDEPARTMENT", "NOTES", "PRIMARYADDRESSSTREET", "BIRTHDATE")
}

// day draws a date within so many years.
func (g *generator) day(first, years int) string {
	return fmt.Sprintf("%04d-%02d-%02d", first+g.IntN(years), 1+g.IntN(12), 1+g.IntN(28))
}

// outsiders adds records that no map takes: vendors' contact persons on the
// left, and on the right contacts without a number.
func (g *generator) outsiders(c company) {
	g.numbered(4, 900001, func(n int) {
		g.fixed(contactPersons, c.code, onLeft, values{"CONTACTPERSONID": contactNumber(n), "FIRSTNAME": pick(g, g.words.given...),
			"LASTNAME": pick(g, g.words.family...), "ASSOCIATEDCONTACTTYPE": 2, "ASSOCIATEDCONTACTNUMBER": vendorAccount(1 + g.IntN(36)),
			"ISRECEIVINGDIRECTMAIL": "no"})
		plain := g.byName[contactPersons]
		plain.records = append(plain.records, &record{created: g.instant(), seed: fmt.Sprint(c.code, n), right: values{
			"FIRSTNAME": pick(g, g.words.given...), "LASTNAME": pick(g, g.words.family...), "ISRECEIVINGDIRECTMAIL": "yes"}})
	})
}
