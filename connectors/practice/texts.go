package practice

// A text is planted three times in a map: equal on both sides, on the left only,
// and on the right only.
type text struct {
	kind              Kind
	column            string
	value             string
	both, left, right string // keys
}

// accountTexts are names and notes of organisations that are easily damaged on
// the way.
func accountTexts() []planting {
	return plantTexts(accounts, []text{
		{Quotes, "ORGANIZATIONNAME", `"Ambervale" Tools & 7" Pipes, Inc.`, "US0011", "US0464", "US5012"},
		{LineEnds, "SALESMEMO", "Delivery through the yard.\r\nRing twice.\r\n\r\nClosed on Mondays.", "US0012", "US0465", "US5013"},
		{Emoji, "ORGANIZATIONNAME", "Sunny Side Bakery 🥐👩‍🍳", "US0013", "US0466", "US5014"},
		{RightToLeft, "ORGANIZATIONNAME", "شركة الأفق الأزرق للتجارة", "US0014", "US0467", "US5015"},
	})
}

// contactTexts are the same for persons.
func contactTexts() []planting {
	return plantTexts(contacts, []text{
		{Quotes, "PERSONMIDDLENAME", `"Sunny"`, "US0611", "US0912", "US5161"},
		{LineEnds, "SALESMEMO", "Prefers letters.\r\nNo calls before noon.", "US0612", "US0913", "US5162"},
		{Emoji, "SALESMEMO", "Likes surprises 🎁🇨🇭", "US0613", "US0914", "US5163"},
		{RightToLeft, "PERSONLASTNAME", "נחל־ירוק", "US0614", "US0915", "US5164"},
	})
}

func plantTexts(mapName string, texts []text) []planting {
	var all []planting
	for _, t := range texts {
		all = append(all,
			plant(mapName, t.both, t.kind, "equal on both sides; in "+t.column, set(t.column, t.value)),
			plant(mapName, t.left, t.kind, "left only; in "+t.column, set(t.column, t.value)),
			plant(mapName, t.right, t.kind, "right only; in "+t.column, set(t.column, t.value)))
	}
	return all
}
