package mysql

import (
	"context"
	"strings"
	"time"

	"dualwrite/connectors"
)

// Health says which rights are missing for some tables or for all.
func (c *connector) Health(ctx context.Context) (h connectors.Health, err error) {
	err = c.do(ctx, "health", "", func(ctx context.Context, l *link) error {
		begin := time.Now()
		row, err := l.row(ctx, "SELECT CURRENT_USER(), VERSION(), UTC_TIMESTAMP(6)")
		if err != nil {
			return err
		}
		h.Latency = time.Since(begin)
		h.Account, h.Product = str(row[0]), product(str(row[1]))
		if now, err := time.Parse(timeLayout, str(row[2])); err == nil {
			h.Skew = now.Sub(begin.Add(h.Latency / 2))
		}
		r, err := readRights(ctx, l)
		if err != nil {
			return err
		}
		h.Missing = c.lacking(r)
		return nil
	})
	if err != nil {
		return connectors.Health{}, err
	}
	return h, nil
}

func (c *connector) lacking(r *rights) (missing []string) {
	cat := c.known()
	for _, right := range []string{"SELECT", "INSERT", "UPDATE", "DELETE", "TRIGGER"} {
		var tables []string
		for _, name := range cat.Names {
			if !r.has(right, name) {
				tables = append(tables, name)
			}
		}
		if len(tables) > 0 {
			missing = append(missing, "the right "+right+" on "+strings.Join(tables, ", "))
		}
	}
	if !r.everywhere("PROCESS") {
		missing = append(missing, "the right PROCESS, without which a rolled back change is told from a slow one only after "+grace.String())
	}
	return missing
}
