package sqlcore

import "dualwrite/connectors"

// ComparePage is how many records of a view, or of its image, are compared at a
// time.
const ComparePage = 1000

// Difference is what a view that no trigger sees shows otherwise than its image,
// which holds the version of each record as it was when it was last compared.
type Difference struct {
	Op      connectors.Op
	ID      string
	Version string // which the image is to hold; "" of a record that is gone
}

// Changed compares records that a view shows with the versions that the image
// holds of the same ids. It tells in the order of the records.
func Changed(shown []connectors.Record, image map[string]string) (found []Difference) {
	for _, r := range shown {
		was, there := image[r.ID]
		switch {
		case !there:
			found = append(found, Difference{connectors.Create, r.ID, r.Version})
		case was != r.Version:
			found = append(found, Difference{connectors.Update, r.ID, r.Version})
		}
	}
	return found
}

// Gone tells which ids of an image are not among the records that the view shows
// of them, in the order of the ids.
func Gone(image []string, shown []connectors.Record) (found []Difference) {
	there := make(map[string]bool, len(shown))
	for _, r := range shown {
		there[r.ID] = true
	}
	for _, id := range image {
		if !there[id] {
			found = append(found, Difference{Op: connectors.Delete, ID: id})
		}
	}
	return found
}
