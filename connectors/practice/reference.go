package practice

// global adds the records that belong to no company.
func (g *generator) global() {
	for _, c := range companies() {
		g.fixed(legalEntities, "", onBoth, values{"LEGALENTITYID": c.code, "NAME": c.name})
	}
	g.fixed(legalEntities, "", onLeft, values{"LEGALENTITYID": "ESMF", "NAME": "Contoso Entertainment System Spain"})
	for _, c := range []struct {
		code, name, symbol string
		presence           presence
	}{
		{"USD", "US dollar", "$", onBoth},
		{"EUR", "Euro", "€", onBoth},
		{"GBP", "Pound sterling", "£", onBoth},
		{"CHF", "Swiss franc", "CHF", onBoth},
		{"JPY", "Japanese yen", "¥", onBoth},
		{"CAD", "Canadian dollar", "$", onBoth},
		{"SEK", "Swedish krona", "kr", onLeft},
		{"AUD", "Australian dollar", "$", onRight},
		{"999", "No currency", "", onLeft}, // outside the map's filter
	} {
		v := values{"CURRENCYCODE": c.code, "NAME": c.name, "SYMBOL": c.symbol}
		if c.symbol == "" {
			v["SYMBOL"] = nil
		}
		g.fixed(currencies, "", c.presence, v)
	}
}

// fixed adds a record that needs no chance and, where both apps hold it, is
// equal in both.
func (g *generator) fixed(name, company string, p presence, v values) {
	g.add(name, company, p, func() values { return v })
}

// termNames are the terms of payment that both apps hold in every company.
func termNames() []string {
	return []string{"COD", "Net7", "Net10", "Net14", "Net30", "Net45", "Net60", "CM15", "Inst3"}
}

// methodNames are the methods of payment that both apps hold in every company.
func methodNames() []string {
	return []string{"CASH", "CHECK", "CARD", "ELECTRONIC", "WIRE", "SEPA", "BILL"}
}

// onlyIn is where a record is that one app of USMF lacks: the other companies
// have it on both sides.
func onlyIn(c company, p presence) presence {
	if c.code == "USMF" {
		return p
	}
	return onBoth
}

// groups adds the customer groups.
func (g *generator) groups(c company) {
	for _, group := range []struct {
		id, name, tax, term string
		presence            presence
	}{
		{"10", "Wholesale customers", "no", "Net30", onBoth},
		{"20", "Major customers", "no", "Net60", onBoth},
		{"30", "Retail customers", "yes", "COD", onBoth},
		{"40", "Internet customers", "yes", "Net7", onBoth},
		{"50", "Public sector", "no", "Net45", onBoth},
		{"60", "Schools and libraries", "no", "Net45", onBoth},
		{"70", "Intercompany customers", "no", "CM15", onBoth},
		{"80", "Staff", "yes", "Inst3", onBoth},
		{"90", "Other customers", "no", "Net14", onBoth},
		{"100", "Project customers", "no", "Net30", onBoth},
		{"110", "Fairs and events", "no", "Net75", onlyIn(c, onLeft)},
		{"120", "Partners", "no", "Net120", onlyIn(c, onRight)},
	} {
		v := values{"CUSTOMERGROUPID": group.id, "DESCRIPTION": group.name, "ISSALESTAXINCLUDEDINPRICE": group.tax, "PAYMENTTERMID": group.term}
		if group.id == "20" {
			v["CLEARINGPERIODPAYMENTTERMNAME"] = "Net10"
		}
		g.fixed(customerGroups, c.code, group.presence, v)
	}
}
