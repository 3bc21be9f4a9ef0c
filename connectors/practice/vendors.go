package practice

import "fmt"

// vendors adds about 60 vendors to each company.
func (g *generator) vendors(c company) {
	g.numbered(36, 1, func(n int) { g.vendor(c, onBoth, n) })
	g.numbered(12, 37, func(n int) { g.vendor(c, onLeft, n) })
	g.numbered(12, 5000, func(n int) { g.vendor(c, onRight, n) })
}

// numbered calls add with count numbers from first on.
func (g *generator) numbered(count, first int, add func(n int)) {
	for n := first; n < first+count; n++ {
		add(n)
	}
}

func (g *generator) vendor(c company, p presence, n int) {
	g.add(vendors, c.code, p, func() values {
		name := g.organisationName(c)
		v := values{
			"VENDORACCOUNTNUMBER":        vendorAccount(n),
			"VENDORORGANIZATIONNAME":     name,
			"VENDORSEARCHNAME":           fmt.Sprintf("%.12s", name),
			"VENDORGROUPID":              pick(g, "10", "20", "30"),
			"CURRENCYCODE":               c.currency,
			"DEFAULTPAYMENTTERMSNAME":    g.maybe(80, pick(g, termNames()...)),
			"DEFAULTPURCHASEORDERPOOLID": g.maybe(20, "POOL"),
			"CREDITLIMIT":                g.amount(),
			"TAXEXEMPTNUMBER":            g.maybe(60, fmt.Sprintf("%s%09d", c.prefix, g.IntN(1e9))),
			"ONHOLDSTATUS":               "no",
			"ISONETIMEVENDOR":            pick(g, "no", "no", "no", "yes"),
			"PRIMARYEMAILADDRESS":        "orders@" + host(name),
			"PRIMARYPHONENUMBER":         c.phone(g),
			"PRIMARYURL":                 "https://www." + host(name),
			"NOTES":                      g.maybe(25, pick(g, g.words.memos...)),
		}
		g.address(v, "ADDRESS", c)
		g.position(v, "ADDRESS", c)
		return v
	}, "DEFAULTPAYMENTTERMSNAME", "CREDITLIMIT", "PRIMARYPHONENUMBER", "ADDRESSSTREET", "ISONETIMEVENDOR")
}

func vendorAccount(n int) string { return fmt.Sprintf("V%04d", n) }

// amount draws an amount of money with cents.
func (g *generator) amount() string {
	return fmt.Sprintf("%d.%02d", 500*(1+g.IntN(200)), pick(g, 0, 0, 0, 50, 5, 99))
}

// address draws an address into the columns that begin with prefix.
func (g *generator) address(v values, prefix string, c company) {
	at := pick(g, c.cities...)
	v[prefix+"STREET"], v[prefix+"CITY"], v[prefix+"COUNTY"] = g.street(), at.name, at.county
	v[prefix+"STATE"], v[prefix+"ZIPCODE"], v[prefix+"COUNTRYREGIONISOCODE"] = at.state, at.zip, at.country
}

// position adds where the address lies, in degrees: somewhere in its city.
func (g *generator) position(v values, prefix string, c company) {
	for _, at := range c.cities {
		if at.name == v[prefix+"CITY"] {
			v[prefix+"LATITUDE"] = fmt.Sprintf("%.4f", at.latitude+g.Float64()/50)
			v[prefix+"LONGITUDE"] = fmt.Sprintf("%.4f", at.longitude+g.Float64()/50)
		}
	}
}
