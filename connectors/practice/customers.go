package practice

import "fmt"

// customers adds a company's share of the customers. Both apps number within one
// range for organisations and persons; the left app begins at 1, the right app
// at 5000.
func (g *generator) customers(c company) {
	first, firstRight := 1, 5000
	for _, part := range []struct {
		presence presence
		count    int // of all companies together
		add      func(company, presence, string)
	}{
		{onBoth, 900, g.organisation},
		{onLeft, 300, g.organisation},
		{onBoth, 600, g.person},
		{onLeft, 200, g.person},
		{onRight, 300, g.organisation},
		{onRight, 200, g.person},
	} {
		next := &first
		if part.presence == onRight {
			next = &firstRight
		}
		count := part.count * c.share / 10
		g.numbered(count, *next, func(n int) { part.add(c, part.presence, customerAccount(c, n)) })
		*next += count
	}
}

func customerAccount(c company, n int) string { return fmt.Sprintf("%s%04d", c.prefix, n) }

func (g *generator) organisation(c company, p presence, account string) {
	g.add(accounts, c.code, p, func() values {
		name := g.organisationName(c)
		v := g.customer(c, p, account)
		v["ORGANIZATIONNAME"] = name
		v["ORGANIZATIONNUMBEROFEMPLOYEES"] = g.maybe(70, 5*(1+g.IntN(400)))
		g.communication(v, c, "info", host(name))
		g.terms(v)
		v["INVOICEADDRESS"] = pick(g, "invoiceAccount", "orderAccount")
		v["TAXEXEMPTNUMBER"] = g.maybe(50, fmt.Sprintf("%s%09d", c.prefix, g.IntN(1e9)))
		g.position(v, "INVOICEADDRESS", c)
		g.position(v, "DELIVERYADDRESS", c)
		if g.IntN(100) < 5 {
			v["INVOICEACCOUNT"] = g.otherAccount(c, p, account)
		}
		v["VENDORACCOUNT"] = g.maybe(4, vendorAccount(1+g.IntN(36)))
		if p == onBoth {
			v["CONTACTPERSONID"] = primaryContact(c, account)
		}
		return v
	}, "PRIMARYCONTACTPHONE", "CREDITLIMIT", "SALESMEMO", "DELIVERYADDRESSSTREET", "PAYMENTTERMS", "ONHOLDSTATUS", "ORGANIZATIONNUMBEROFEMPLOYEES")
}

// otherAccount draws an organisation that is there wherever this one is, or,
// for a record of one side, will be: every left-only one of them can be copied.
func (g *generator) otherAccount(c company, p presence, account string) any {
	n := 21 + g.IntN(90*c.share-20)
	if p == onLeft && g.IntN(2) == 0 {
		n = 90*c.share + 26 + g.IntN(30*c.share-25)
	}
	if other := customerAccount(c, n); other != account {
		return other
	}
	return nil
}

// customer draws what organisations and persons have in common.
func (g *generator) customer(c company, p presence, account string) values {
	currency := c.currency
	switch {
	case g.IntN(20) > 0:
	case p == onLeft:
		currency = "SEK"
	case p == onRight:
		currency = "AUD"
	}
	v := values{
		"CUSTOMERACCOUNT":      account,
		"CUSTOMERGROUPID":      pick(g, "10", "20", "30", "40", "50", "60", "70", "80", "90", "100"),
		"SALESCURRENCYCODE":    currency,
		"SALESMEMO":            g.maybe(40, pick(g, g.words.memos...)),
		"IDENTIFICATIONNUMBER": g.maybe(50, fmt.Sprintf("%08d", g.IntN(1e8))),
	}
	if p != onRight {
		v["PARTYNUMBER"] = c.prefix + "-" + account[2:] + "-P"
	}
	g.address(v, "INVOICEADDRESS", c)
	g.address(v, "DELIVERYADDRESS", c)
	v["PARTYCOUNTRY"], v["PARTYSTATE"] = v["INVOICEADDRESSCOUNTRYREGIONISOCODE"], v["INVOICEADDRESSSTATE"]
	return v
}

// terms draws how an organisation pays.
func (g *generator) terms(v values) {
	v["PAYMENTTERMS"] = g.maybe(90, pick(g, termNames()...))
	v["PAYMENTMETHOD"] = g.maybe(80, pick(g, methodNames()...))
	v["PAYMENTSCHEDULE"] = g.maybe(15, pick(g, "3EQUAL", "HALFHALF", "QUARTERLY"))
	v["PAYMENTDAY"] = g.maybe(20, pick(g, "MONDAY", "MIDMONTH", "TWICEWEEK"))
	v["PAYMENTTERMSBASEDAYS"] = g.maybe(10, 5)
	v["CREDITLIMIT"] = g.amount()
	v["CREDITLIMITISMANDATORY"] = pick(g, "no", "yes")
	v["CREDITRATING"] = g.maybe(60, pick(g, "A", "B", "C", "Good", "Excellent"))
	v["ONHOLDSTATUS"] = pick(g, "no", "no", "no", "no", "invoice", "all", "payment", "requisition", "never")
	v["ISONETIMECUSTOMER"] = pick(g, "no", "no", "no", "yes")
}

// communication draws electronic addresses. mailbox is what stands before the @.
func (g *generator) communication(v values, c company, mailbox, host string) {
	v["PRIMARYCONTACTEMAIL"], v["PRIMARYCONTACTEMAILDESCRIPTION"] = mailbox+"@"+host, g.maybe(30, "Office")
	v["PRIMARYCONTACTPHONE"], v["PRIMARYCONTACTPHONEDESCRIPTION"] = c.phone(g), g.maybe(30, "Front desk")
	v["PRIMARYCONTACTPHONEEXTENSION"] = g.maybe(20, fmt.Sprint(10+g.IntN(90)))
	if g.IntN(3) == 0 {
		v["PRIMARYCONTACTFAX"], v["PRIMARYCONTACTFAXDESCRIPTION"] = c.phone(g), "Office"
	}
	if g.IntN(2) == 0 {
		v["PRIMARYCONTACTURL"], v["PRIMARYCONTACTURLDESCRIPTION"] = "https://www."+host, "Home page"
	}
	for _, network := range []string{"TWITTER", "FACEBOOK", "LINKEDIN"} {
		if g.IntN(5) == 0 {
			v["PRIMARYCONTACT"+network], v["PRIMARYCONTACT"+network+"DESCRIPTION"] = mailbox+"."+host, "Work"
		}
	}
}
