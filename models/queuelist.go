package models

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"
)

// QueuePage lists queued changes of a map after a sequence, oldest first.
// search is looked for in the record's key and native id. next is where the
// list goes on, 0 at its end; a search may return a short page with a next.
func (s *Store) QueuePage(ctx context.Context, mapID int64, search string, after int64, size int) (page []Change, next int64, err error) {
	const queued = "SELECT * FROM changes WHERE map_id = ? AND fate = 'queued' AND seq > ? ORDER BY seq LIMIT ?"
	if search == "" {
		err := s.reader.WithContext(ctx).Raw(queued, mapID, after, size+1).Scan(&page).Error
		if len(page) > size {
			return page[:size], page[size-1].Seq, nil
		}
		return page, 0, storeError(err)
	}
	like := likePattern(search)
	err = s.reader.WithContext(ctx).Raw("SELECT * FROM ("+queued+`) AS w WHERE record_key LIKE ? ESCAPE '\' OR native_id LIKE ? ESCAPE '\' ORDER BY seq LIMIT ?`,
		mapID, after, searchWindow, like, like, size+1).Scan(&page).Error
	if err != nil {
		return nil, 0, storeError(err)
	}
	if len(page) > size {
		return page[:size], page[size-1].Seq, nil
	}
	next, err = s.windowEnd(ctx, "SELECT seq AS id FROM changes WHERE map_id = ? AND fate = 'queued' AND seq > ? ORDER BY seq LIMIT ?", []any{mapID, after, searchWindow})
	return page, next, err
}

// DiscardChanges gives queued changes of a map up, in somebody's name and with
// a reason. Those that got their fate meanwhile keep it. Fails with kind
// Conflict when none is queued any more.
func (s *Store) DiscardChanges(ctx context.Context, mapID int64, seqs []int64, actor, reason string) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		var n int64
		for some := range slices.Chunk(seqs, mostParameters) {
			r := tx.Model(&Change{}).Where("map_id = ? AND fate = 'queued' AND seq IN ?", mapID, some).
				Updates(map[string]any{"fate": Discarded, "fate_at": s.now(), "fate_by": actor})
			if r.Error != nil {
				return r.Error
			}
			n += r.RowsAffected
		}
		if n == 0 {
			return Errorf(Conflict, "These changes are not queued any more. Nothing was discarded.")
		}
		err := tx.Model(&Tally{}).Where("map_id = ?", mapID).Updates(map[string]any{
			"queued": gorm.Expr("queued - ?", n), "discarded": gorm.Expr("discarded + ?", n)}).Error
		if err != nil {
			return err
		}
		return s.record(tx, Activity{MapID: &mapID, Actor: actor, Verb: "discard changes", Detail: fmt.Sprintf("%d queued changes: %s", n, reason)})
	})
}

// ConflictFilter chooses conflicts of a map.
type ConflictFilter struct {
	MapID    int64
	Kind     ConflictKind // "" for any
	Reviewed bool         // also those that somebody has looked at
}

// ConflictPage lists conflicts, newest first, before an id (0 for the newest).
func (s *Store) ConflictPage(ctx context.Context, f ConflictFilter, before int64, size int) (page []ConflictRecord, next int64, err error) {
	where, args := []string{"map_id = ?"}, []any{f.MapID}
	if !f.Reviewed {
		where = append(where, "reviewed_at IS NULL")
	}
	if f.Kind != "" {
		where, args = append(where, "kind = ?"), append(args, string(f.Kind))
	}
	if before > 0 {
		where, args = append(where, "id < ?"), append(args, before)
	}
	err = s.reader.WithContext(ctx).Where(strings.Join(where, " AND "), args...).Order("id DESC").Limit(size + 1).Find(&page).Error
	if len(page) > size {
		return page[:size], page[size-1].ID, nil
	}
	return page, 0, storeError(err)
}

// ConflictCount is how many conflicts of a kind wait to be looked at.
type ConflictCount struct {
	Kind  ConflictKind
	Count int64
}

// ConflictCounts counts the conflicts of a map that nobody has looked at.
func (s *Store) ConflictCounts(ctx context.Context, mapID int64) ([]ConflictCount, error) {
	var out []ConflictCount
	err := s.reader.WithContext(ctx).Raw("SELECT kind, count(*) AS count FROM conflicts WHERE map_id = ? AND reviewed_at IS NULL GROUP BY kind ORDER BY count(*) DESC, kind", mapID).
		Scan(&out).Error
	return out, storeError(err)
}

// ConflictByID reads one conflict.
func (s *Store) ConflictByID(ctx context.Context, id int64) (ConflictRecord, error) {
	var c ConflictRecord
	err := s.reader.WithContext(ctx).Take(&c, id).Error
	if KindOf(storeError(err)) == NotFound {
		return c, Errorf(NotFound, "there is no conflict %d", id)
	}
	return c, storeError(err)
}

// ReviewConflicts notes that somebody has looked at conflicts of a map, and
// what he did about them. Fails with kind Conflict when all were looked at
// before.
func (s *Store) ReviewConflicts(ctx context.Context, mapID int64, ids []int64, actor, what string) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		var n int64
		for some := range slices.Chunk(ids, mostParameters) {
			r := tx.Model(&ConflictRecord{}).Where("map_id = ? AND reviewed_at IS NULL AND id IN ?", mapID, some).
				Updates(map[string]any{"reviewed_at": sql.NullTime{Time: s.now(), Valid: true}, "reviewed_by": actor})
			if r.Error != nil {
				return r.Error
			}
			n += r.RowsAffected
		}
		if n == 0 {
			return Errorf(Conflict, "Somebody has reviewed this already.")
		}
		if err := tx.Model(&Tally{}).Where("map_id = ?", mapID).Update("conflicts", gorm.Expr("conflicts - ?", n)).Error; err != nil {
			return err
		}
		return s.record(tx, Activity{MapID: &mapID, Actor: actor, Verb: "review conflicts", Detail: fmt.Sprintf("%d: %s", n, what)})
	})
}
