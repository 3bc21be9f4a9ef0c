package cds

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"

	"dualwrite/connectors/practice/service"
)

// cookie is what a paging link remembers: the record that the last page ended
// with, and of change tracking also where it stands.
type cookie struct {
	Page  int   `json:"page"`
	After []any `json:"after,omitempty"`
	UpTo  int64 `json:"upTo,omitempty"` // row version that the delta link will begin at
	Since int64 `json:"since,omitempty"`
	Gone  bool  `json:"gone,omitempty"` // Since counts deleted records
}

var cookieForm = regexp.MustCompile(`pagingcookie="([^"]*)"`)

func readCookie(token string) (cookie, error) {
	c := cookie{Page: 1}
	if token == "" {
		return c, nil
	}
	wrong := &wireError{http.StatusBadRequest, codeGeneral, "The paging cookie is malformed."}
	m := cookieForm.FindStringSubmatch(token)
	if m == nil {
		return c, wrong
	}
	raw, err := base64.RawURLEncoding.DecodeString(m[1])
	if err != nil {
		return c, wrong
	}
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	if err := d.Decode(&c); err != nil {
		return c, wrong
	}
	return c, nil
}

// link is the address of the page after the one that was asked for.
func (c *call) link(e *service.Entity, at cookie) string {
	raw, err := json.Marshal(at)
	if err != nil {
		raw = nil // numbers and texts always encode
	}
	token := fmt.Sprintf(`<cookie pagenumber="%d" pagingcookie="%s" istracking="False" />`, at.Page, base64.RawURLEncoding.EncodeToString(raw))
	return c.base + e.Set + "?" + c.queryWith("$skiptoken", token)
}

// queryWith is the query of the call with one option set.
func (c *call) queryWith(name, value string) string {
	var names []string
	for n := range c.options {
		if n != name && n != "$skiptoken" && n != "$count" {
			names = append(names, n)
		}
	}
	sort.Strings(names)
	var parts []string
	for _, n := range names {
		parts = append(parts, n+"="+service.Escape(c.options[n]))
	}
	return strings.Join(append(parts, name+"="+service.Escape(value)), "&")
}

const tokenTime = "01/02/2006 15:04:05"

// deltaToken is a row version and the time at which it was given out.
func deltaToken(version int64, now time.Time) string {
	return fmt.Sprintf("%d!%s", version, now.UTC().Format(tokenTime))
}

// readDeltaToken fails for a token that has expired.
func (s *Server) readDeltaToken(token string) (int64, error) {
	digits, at, _ := strings.Cut(token, "!")
	version, err := strconv.ParseInt(digits, 10, 64)
	issued, timeErr := time.Parse(tokenTime, at)
	if err != nil || timeErr != nil {
		return 0, &wireError{http.StatusBadRequest, codeGeneral, "The delta token is malformed."}
	}
	if version <= s.expired.Load() || s.Now().Sub(issued) > s.life {
		return 0, &wireError{http.StatusBadRequest, codeExpiredVersion, "Version stamp associated with the client has expired. Please perform a full sync."}
	}
	return version, nil
}
