package practice

// company is one legal entity and what its customers and vendors look like.
type company struct {
	code, name, prefix string
	share              int // its part of the records, in tenths
	currency           string
	legalForms         []string
	phone              func(g *generator) string
	cities             []city
}

// city is a place with its position in degrees.
type city struct {
	name, county, state, zip, country string
	latitude, longitude               float64
}

// companies are the legal entities that both apps share. The telephone numbers
// are from the ranges that each country keeps for fiction.
func companies() []company {
	return []company{
		{"USMF", "Contoso Entertainment System USA", "US", 5, "USD", []string{"Inc.", "LLC", "Corp."}, americanPhone, []city{
			{"Redmond", "KING", "WA", "98052", "US", 47.674, -122.1215},
			{"Spokane", "SPOKANE", "WA", "99201", "US", 47.6588, -117.426},
			{"Portland", "MULTNOMAH", "OR", "97205", "US", 45.5202, -122.6742},
			{"Denver", "DENVER", "CO", "80202", "US", 39.7392, -104.9903},
			{"Austin", "TRAVIS", "TX", "78701", "US", 30.2672, -97.7431},
			{"Madison", "DANE", "WI", "53703", "US", 43.0731, -89.4012},
			{"Albany", "ALBANY", "NY", "12207", "US", 42.6526, -73.7562},
			{"Raleigh", "WAKE", "NC", "27601", "US", 35.7796, -78.6382},
		}},
		{"GBSI", "Contoso Consulting GB", "GB", 3, "GBP", []string{"Ltd", "plc", "LLP"}, britishPhone, []city{
			{"Leeds", "West Yorkshire", "ENG", "LS1 4AP", "GB", 53.8008, -1.5491},
			{"Bristol", "Avon", "ENG", "BS1 5TR", "GB", 51.4545, -2.5879},
			{"Norwich", "Norfolk", "ENG", "NR2 1TF", "GB", 52.6309, 1.2974},
			{"Cardiff", "South Glamorgan", "WLS", "CF10 1EP", "GB", 51.4816, -3.1791},
			{"Dundee", "Angus", "SCT", "DD1 4BJ", "GB", 56.462, -2.9707},
		}},
		{"DEMF", "Contoso Entertainment System Germany", "DE", 2, "EUR", []string{"GmbH", "AG", "GmbH & Co. KG"}, germanPhone, []city{
			{"Berlin", "Berlin", "BE", "10117", "DE", 52.52, 13.405},
			{"Köln", "Köln", "NW", "50667", "DE", 50.9375, 6.9603},
			{"München", "Oberbayern", "BY", "80331", "DE", 48.1351, 11.582},
			{"Görlitz", "Görlitz", "SN", "02826", "DE", 51.1506, 14.9687},
			{"Lübeck", "Lübeck", "SH", "23552", "DE", 53.8655, 10.6866},
		}},
	}
}
