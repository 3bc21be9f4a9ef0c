package odata_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"dualwrite/connectors"
	"dualwrite/connectors/connectortest"
)

// plain is a service of OData v4 that offers little: no delta, no batch, no
// upsert, pages of forty records, and no change without If-Match. It answers
// writes without a body unless representation is set.
type plain struct {
	representation bool
	mu             sync.Mutex
	rows           map[string][]map[string]any // by table, in the order of creation
	serial         int
	calls          int
	intercept      func(w http.ResponseWriter, r *http.Request) bool // true: answered
	after          func(r *http.Request) bool                        // true: drop the answer
}

const pageOfPlain = 40

func newPlain() *plain { return &plain{rows: map[string][]map[string]any{}} }

func table(name string) (connectortest.Table, bool) {
	all := connectortest.Tables()
	i := slices.IndexFunc(all, func(t connectortest.Table) bool { return t.Name == name })
	if i < 0 {
		return connectortest.Table{}, false
	}
	return all[i], true
}

func (p *plain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.calls++
	intercept, after := p.intercept, p.after
	p.mu.Unlock()
	if intercept != nil && intercept(w, r) {
		return
	}
	answer := &recorded{header: http.Header{}, status: 200}
	p.mu.Lock()
	p.serve(answer, r)
	p.mu.Unlock()
	if after != nil && after(r) {
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), answer.header)
	w.Header().Set("OData-Version", "4.0")
	w.WriteHeader(answer.status)
	w.Write(answer.body.Bytes())
}

type recorded struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorded) json(status int, x any) {
	r.header.Set("Content-Type", "application/json")
	r.status = status
	enc := json.NewEncoder(&r.body)
	enc.SetEscapeHTML(false)
	enc.Encode(x)
}

func (r *recorded) fail(status int, message string) {
	r.json(status, map[string]any{"error": map[string]any{"code": "", "message": message}})
}

func (p *plain) serve(w *recorded, r *http.Request) {
	path := strings.TrimPrefix(r.URL.EscapedPath(), "/svc/")
	switch {
	case path == "":
		w.json(200, map[string]any{"@odata.context": "$metadata", "value": []any{}})
		return
	case path == "$metadata":
		w.header.Set("Content-Type", "application/xml")
		w.body.WriteString(plainMetadata())
		return
	}
	name, rest, keyed := strings.Cut(path, "(")
	name, count := strings.CutSuffix(name, "/$count")
	t, ok := table(name)
	if !ok {
		w.fail(404, "there is no "+name)
		return
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	switch {
	case err != nil || strings.Contains(r.URL.RawQuery, "+"):
		w.fail(400, "the query is malformed")
	case keyed:
		key, _ := url.PathUnescape(strings.TrimSuffix(rest, ")"))
		p.record(w, r, t, key, query)
	case r.Method == "POST":
		p.create(w, r, t, query)
	default:
		p.list(w, r, t, query, count)
	}
}

func keyOf(t connectortest.Table, row map[string]any) string {
	if t.Name == connectortest.Rates {
		return fmt.Sprintf("currency='%v',day=%v", row["currency"], row["day"])
	}
	return fmt.Sprint(row["id"])
}

func (p *plain) find(t connectortest.Table, key string) int {
	return slices.IndexFunc(p.rows[t.Name], func(row map[string]any) bool { return keyOf(t, row) == key })
}

func (p *plain) record(w *recorded, r *http.Request, t connectortest.Table, key string, query url.Values) {
	i := p.find(t, key)
	if i < 0 {
		w.fail(404, "there is no such record")
		return
	}
	row, match := p.rows[t.Name][i], r.Header.Get("If-Match")
	switch {
	case r.Method == "GET":
		w.json(200, p.shape(t, row, query))
		return
	case match == "":
		w.fail(428, "If-Match is required")
		return
	case match != "*" && match != etag(row):
		w.fail(412, "the record has another version")
		return
	case r.Method == "DELETE":
		p.rows[t.Name] = slices.Delete(slices.Clone(p.rows[t.Name]), i, i+1)
		w.status = 204
		return
	}
	changed := maps.Clone(row)
	if !p.apply(w, r, t, changed) {
		return
	}
	if keyOf(t, changed) != key {
		w.fail(400, "a key is not changed")
		return
	}
	p.stamp(changed)
	p.rows[t.Name][i] = changed
	p.answer(w, 204, t, changed, query)
}

func (p *plain) answer(w *recorded, status int, t connectortest.Table, row map[string]any, query url.Values) {
	w.header.Set("OData-EntityId", "http://example/svc/"+t.Name+"("+url.PathEscape(keyOf(t, row))+")")
	if p.representation {
		w.json(200+status%2, p.shape(t, row, query))
		return
	}
	w.status = status
}

func (p *plain) create(w *recorded, r *http.Request, t connectortest.Table, query url.Values) {
	row := map[string]any{}
	for _, c := range t.Columns {
		row[wireName(c)] = nil
	}
	if !p.apply(w, r, t, row) {
		return
	}
	p.put(t, row)
	p.answer(w, 201, t, row, query)
}

func (p *plain) stamp(row map[string]any) {
	p.serial++
	row["$version"] = p.serial
}

func (p *plain) put(t connectortest.Table, row map[string]any) {
	p.stamp(row)
	row["id"] = fmt.Sprintf("00000000-0000-4000-8000-%012d", (p.serial*7919)%1000003)
	p.rows[t.Name] = append(p.rows[t.Name], row)
}

func etag(row map[string]any) string { return fmt.Sprintf(`W/"%v"`, row["$version"]) }

func wireName(c connectortest.Column) string {
	if c.Parent != "" {
		return c.Name + "_id"
	}
	return c.Name
}

// apply takes over a body and holds it to the table's limits.
func (p *plain) apply(w *recorded, r *http.Request, t connectortest.Table, row map[string]any) bool {
	d := json.NewDecoder(r.Body)
	d.UseNumber()
	body := map[string]any{}
	if err := d.Decode(&body); err != nil {
		w.fail(400, "the body is no JSON")
		return false
	}
	for name, x := range body {
		if _, known := row[name]; !known || name == "id" {
			w.fail(400, "there is no property "+name)
			return false
		}
		row[name] = x
	}
	for _, c := range t.Columns {
		x := row[wireName(c)]
		switch s, _ := x.(string); {
		case c.Required && x == nil:
			w.fail(400, c.Name+" is required")
		case c.Length > 0 && utf8.RuneCountInString(s) > c.Length:
			w.fail(400, c.Name+" is too long")
		case c.Parent != "" && x != nil && p.find(mustTable(c.Parent), s) < 0:
			w.fail(400, "there is no such parent")
		default:
			continue
		}
		return false
	}
	for _, unique := range t.Unique {
		for _, other := range p.rows[t.Name] {
			if other["id"] != row["id"] && same(unique, other, row) {
				w.fail(409, "another record holds "+strings.Join(unique, ", "))
				return false
			}
		}
	}
	return true
}

func mustTable(name string) connectortest.Table {
	t, _ := table(name)
	return t
}

func same(columns []string, a, b map[string]any) bool {
	for _, c := range columns {
		if a[c] == nil || a[c] != b[c] {
			return false
		}
	}
	return true
}

// value follows a path such as parent/code.
func (p *plain) value(t connectortest.Table) func(row map[string]any, path string) any {
	return func(row map[string]any, path string) any {
		nav, rest, deep := strings.Cut(path, "/")
		if !deep {
			return row[path]
		}
		i := slices.IndexFunc(t.Columns, func(c connectortest.Column) bool { return c.Name == nav })
		parent := mustTable(t.Columns[i].Parent)
		if at := p.find(parent, fmt.Sprint(row[nav+"_id"])); at >= 0 {
			return p.rows[parent.Name][at][rest]
		}
		return nil
	}
}

func (p *plain) shape(t connectortest.Table, row map[string]any, query url.Values) map[string]any {
	out := map[string]any{"@odata.etag": etag(row)}
	for name, x := range row {
		if list := query.Get("$select"); name != "$version" && (list == "" || slices.Contains(strings.Split(list, ","), name)) {
			out[name] = x
		}
	}
	if expand := query.Get("$expand"); expand != "" {
		nav, inner, _ := strings.Cut(strings.TrimSuffix(expand, ")"), "($select=")
		out[nav] = nil
		i := slices.IndexFunc(t.Columns, func(c connectortest.Column) bool { return c.Name == nav })
		parent := mustTable(t.Columns[i].Parent)
		if at := p.find(parent, fmt.Sprint(row[nav+"_id"])); at >= 0 {
			out[nav] = p.shape(parent, p.rows[parent.Name][at], url.Values{"$select": {inner}})
		}
	}
	return out
}

func (p *plain) list(w *recorded, r *http.Request, t connectortest.Table, query url.Values, count bool) {
	rows := slices.Clone(p.rows[t.Name])
	if text := query.Get("$filter"); text != "" {
		c, err := parseCondition(text, p.value(t))
		if err != nil {
			w.fail(400, err.Error())
			return
		}
		rows = slices.DeleteFunc(rows, func(row map[string]any) bool { return !c(row) })
	}
	if count {
		w.header.Set("Content-Type", "text/plain")
		fmt.Fprintf(&w.body, "\ufeff%d", len(rows))
		return
	}
	for _, by := range slices.Backward(strings.Split(query.Get("$orderby"), ",")) {
		slices.SortStableFunc(rows, func(a, b map[string]any) int { return strings.Compare(fmt.Sprint(a[by]), fmt.Sprint(b[by])) })
	}
	skip, _ := strconv.Atoi(query.Get("$skip"))
	rows = rows[min(skip, len(rows)):]
	if top, err := strconv.Atoi(query.Get("$top")); err == nil {
		rows = rows[:min(top, len(rows))]
	}
	out := map[string]any{"@odata.context": "$metadata#" + t.Name}
	if len(rows) > pageOfPlain {
		next, _ := url.Parse(r.URL.String())
		rows = rows[:pageOfPlain]
		values := url.Values{}
		for k, v := range query {
			values[k] = v
		}
		values.Set("$skip", strconv.Itoa(skip+pageOfPlain))
		if top, err := strconv.Atoi(query.Get("$top")); err == nil {
			values.Set("$top", strconv.Itoa(top-pageOfPlain))
		}
		next.RawQuery = strings.ReplaceAll(values.Encode(), "+", "%20")
		out["@odata.nextLink"] = t.Name + "?" + next.RawQuery
	}
	list := []any{}
	for _, row := range rows {
		list = append(list, p.shape(t, row, query))
	}
	out["value"] = list
	w.json(200, out)
}

var edmNames = map[connectors.Type]string{connectors.Text: "Edm.String", connectors.Int: "Edm.Int64", connectors.Decimal: "Edm.Decimal",
	connectors.Bool: "Edm.Boolean", connectors.Date: "Edm.Date", connectors.DateTime: "Edm.DateTimeOffset", connectors.GUID: "Edm.Guid"}

// plainMetadata is the CSDL of the standard tables.
func plainMetadata() string {
	var types, sets, notes strings.Builder
	for _, t := range connectortest.Tables() {
		key := `<PropertyRef Name="id"/>`
		own := `<Property Name="id" Type="Edm.Guid" Nullable="false"><Annotation Term="Core.Computed" Bool="true"/></Property>`
		if t.Name == connectortest.Rates {
			key, own = `<PropertyRef Name="currency"/><PropertyRef Name="day"/>`, ""
		}
		base := ""
		if own != "" {
			base = ` BaseType="N.thing"`
		}
		fmt.Fprintf(&types, `<EntityType Name="%s"%s>`, t.Name, base)
		if own == "" {
			fmt.Fprintf(&types, `<Key>%s</Key>`, key)
		}
		binds := ""
		for _, c := range t.Columns {
			if c.Parent != "" {
				fmt.Fprintf(&types, `<Property Name="%[1]s_id" Type="Edm.Guid"/><NavigationProperty Name="%[1]s" Type="N.%[2]s"><ReferentialConstraint Property="%[1]s_id" ReferencedProperty="id"/></NavigationProperty>`, c.Name, c.Parent)
				binds += fmt.Sprintf(`<NavigationPropertyBinding Path="%s" Target="%s"/>`, c.Name, c.Parent)
				continue
			}
			facets := fmt.Sprintf(` Nullable="%v"`, !c.Required)
			if c.Length > 0 {
				facets += fmt.Sprintf(` MaxLength="%d"`, c.Length)
			}
			if c.Digits > 0 {
				facets += fmt.Sprintf(` Precision="%d" Scale="%d"`, c.Digits, c.Scale)
			}
			fmt.Fprintf(&types, `<Property Name="%s" Type="%s"%s/>`, c.Name, edmNames[c.Type], facets)
		}
		types.WriteString(`</EntityType>`)
		fmt.Fprintf(&sets, `<EntitySet Name="%s" EntityType="N.%s">%s<Annotation Term="Core.OptimisticConcurrency"><Collection/></Annotation></EntitySet>`, t.Name, t.Name, binds)
		for _, u := range t.Unique {
			if own == "" {
				continue
			}
			fmt.Fprintf(&notes, `<Annotations Target="Self.%s"><Annotation Term="Org.OData.Core.V1.AlternateKeys"><Collection><Record><PropertyValue Property="Key"><Collection>`, t.Name)
			for _, c := range u {
				fmt.Fprintf(&notes, `<Record><PropertyValue Property="Name" PropertyPath="%[1]s"/><PropertyValue Property="Alias" String="%[1]s"/></Record>`, c)
			}
			notes.WriteString(`</Collection></PropertyValue></Record></Collection></Annotation></Annotations>`)
		}
	}
	return `<?xml version="1.0"?><edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0">` +
		`<edmx:Reference Uri="x"><edmx:Include Namespace="Org.OData.Core.V1" Alias="Core"/></edmx:Reference>` +
		`<edmx:DataServices><Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="N" Alias="Self">` +
		`<EntityType Name="thing" Abstract="true"><Key><PropertyRef Name="id"/></Key><Property Name="id" Type="Edm.Guid" Nullable="false"><Annotation Term="Core.Computed" Bool="true"/></Property></EntityType>` +
		types.String() + notes.String() + `<EntityContainer Name="C">` + sets.String() + `</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>`
}
