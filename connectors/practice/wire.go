package practice

import (
	"slices"
	"strings"
)

// wireWords are the words that the columns of the left app are made of, as they
// are spelled on the wire.
func wireWords() []string {
	return strings.Fields(`Account Address After Allocation Amount Anniversary Associated Base Birth Bridging By Card Cash Certified Check City
		Clearing Code Company Contact Country County Credit Currency Customer CutOff Date Day Days Debit Default Delivery Department Description
		Direct Discount Due Email Employees Employment Enabled Entity Exempt Extension Facebook Fax File First Fixed Frequency Gender Grace Group Hold
		ISO Id Identification Included Invoice Is Language Last Latitude Legal Limit Line LinkedIn Location Longitude Mail Mandatory Marital Memo
		Method Middle Minimum Month Months Name Notes Number Of On One Or Order Organization Party Payment Payments Percent Period Periods Person
		Phone Pool Post Box Posting Price Primary Profession Professional Purchase Rating Receiving Region Roles SEPA Sales Schedule Search Spouse
		State Status Street Sum Symbol Tax Term Terms Time Title Today Twitter Type URL Units Value Vendor Week ZipCode In`)
}

// wireName is a column of the left app as its service spells it:
// CUSTOMERACCOUNT is CustomerAccount.
func wireName(column string) string {
	if column == "DATAAREAID" {
		return "dataAreaId"
	}
	if name, ok := compose(column); ok {
		return name
	}
	return column
}

// compose spells a column as a sequence of wireWords, long ones first.
func compose(rest string) (string, bool) {
	if rest == "" {
		return "", true
	}
	words := slices.DeleteFunc(wireWords(), func(w string) bool { return !strings.HasPrefix(rest, strings.ToUpper(w)) })
	slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) })
	for _, w := range words {
		if tail, ok := compose(rest[len(w):]); ok {
			return w + tail, true
		}
	}
	return "", false
}

// wireMember is a label of the left app as the name of an enumeration's member:
// non-Specific is NonSpecific.
func wireMember(label string) string {
	name := strings.ReplaceAll(label, "-", "")
	return strings.ToUpper(name[:1]) + name[1:]
}
