package practice

import (
	"fmt"
	"strings"
)

// vocabulary is what names, addresses and notes are made of. All companies and
// persons are fictional.
type vocabulary struct {
	brands, trades, given, family, streets, professions, departments, memos []string
}

func words() vocabulary {
	list := func(s string) []string { return strings.Split(s, ",") }
	return vocabulary{
		brands: list("Ambervale,Birchmere,Cobaltine,Dunmarrow,Elderwick,Fennimoor,Gablecrest,Hollowbrook,Ivorydale,Junipero Bay," +
			"Kestrelway,Larkmont,Mossgrove,Northpine,Oakenfall,Pellbridge,Quillhaven,Ravenmoor,Silverfen,Thornbury Lane," +
			"Umberfield,Vellumgate,Willowmarch,Yarrowdale,Zephyrine,Brightwater Mill,Copperkettle,Driftstone,Emberline,Foxtrellis"),
		trades: list("Outdoor Supply,Bicycles,Kitchenware,Lighting,Audio,Garden Centre,Logistics,Furniture,Toys,Paper,Printing," +
			"Bakeries,Coffee Roasters,Sports,Fabrics,Tools,Electronics,Marine,Wholesales,Instruments"),
		given: list("Ada,Bruno,Carla,Dario,Elin,Felix,Greta,Hugo,Ines,Jonas,Kira,Levi,Mara,Nils,Olga,Pavel,Rosa,Sami,Tessa,Uma,Viktor,Wanda,Yara,Zeno"),
		family: list("Ashgrove,Bellmoor,Cinderford,Dovecote,Elmhurst,Fairlight,Goldfinch,Harrowgate,Inkwell,Jessamine,Kingfisher,Larkspur," +
			"Merriwether,Nightingale,Oxbow,Pennywhistle,Quicksilver,Rosenquill,Saltmarsh,Thistledown,Underhill,Violette,Wintergreen,Yewbarrow"),
		streets:     list("Alder Street,Beacon Road,Canal Walk,Depot Lane,Exchange Square,Foundry Way,Granary Row,Harbour Road,Mill Lane,Orchard Avenue,Quarry Hill,Station Road"),
		professions: list("Accountant,Architect,Buyer,Carpenter,Consultant,Designer,Electrician,Engineer,Librarian,Photographer,Teacher,Translator"),
		departments: list("Accounts payable,Administration,Facilities,Purchasing,Sales,Service,Warehouse"),
		memos: list("Met at the spring fair.,Asks for a yearly statement.,Wants delivery before nine.,Pays reliably.,Interested in the new catalogue.," +
			"Changed its address last year.,Orders by telephone only.,Has a second warehouse."),
	}
}

func americanPhone(g *generator) string {
	return fmt.Sprintf("+1 %d-555-01%02d", pick(g, 425, 509, 503, 303, 512, 608, 518, 919), g.IntN(100))
}

func britishPhone(g *generator) string { return fmt.Sprintf("+44 1632 960%03d", g.IntN(1000)) }

func germanPhone(g *generator) string { return fmt.Sprintf("+49 30 23125 %03d", g.IntN(1000)) }

// host is a name as it stands in an address on the web.
func host(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(name)) + ".example"
}

// street draws a street with a number.
func (g *generator) street() string {
	return fmt.Sprintf("%d %s", 1+g.IntN(240), pick(g, g.words.streets...))
}

// organisationName draws the name of an organisation.
func (g *generator) organisationName(c company) string {
	return pick(g, g.words.brands...) + " " + pick(g, g.words.trades...) + " " + pick(g, c.legalForms...)
}
