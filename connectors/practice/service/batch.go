package service

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
)

// Batch says how a dialect runs a multipart batch.
type Batch struct {
	Store   *Store
	Respond func(ctx context.Context, r *Request) *Response
	Who     string
	Base    string // that relative addresses are below: "http://…/data/"
	Root    string // path of the server's root: "/data/"
	Max     int    // requests
	// OuterError gives the whole answer the status of the first error where
	// processing stops at it.
	OuterError bool
}

// errBatch is a batch that cannot be read.
func errBatch(format string, args ...any) error {
	return &Refusal{Kind: BadFilter, Message: fmt.Sprintf(format, args...)}
}

// part is one request of a batch, or a change set of several.
type part struct {
	request *Request
	id      string // Content-ID
	set     []part // of a change set
}

// Run answers a batch: its parts in order, each change set all or nothing. It
// stops at the first error unless the caller prefers to go on. Fails with
// *Refusal when the batch cannot be read.
func (b *Batch) Run(ctx context.Context, outer *Request) (*Response, error) {
	count := 0
	parts, err := b.read(outer, outer.Header.Get("Content-Type"), outer.Body, false, &count)
	if err != nil {
		return nil, err
	}
	_, goOn := outer.Preference("odata.continue-on-error")
	if value, ok := outer.Preference("odata.continue-on-error"); ok && value == "false" {
		goOn = false
	}
	w := newParts("batchresponse_")
	status := http.StatusOK
	for _, p := range parts {
		failed := b.run(ctx, w, p)
		if failed != 0 && !goOn {
			if b.OuterError {
				status = failed
			}
			break
		}
	}
	return w.response(status), nil
}

// run answers one part and tells the status of its error, 0 for none.
func (b *Batch) run(ctx context.Context, w *parts, p part) (failed int) {
	if p.request != nil {
		r := b.Respond(ctx, p.request)
		w.add(r, p.id)
		if r.Status >= http.StatusBadRequest {
			return r.Status
		}
		return 0
	}
	inner, culprit := newParts("changesetresponse_"), part{}
	var problem *Response
	err := b.Store.Write(ctx, b.Who, func(tx *Tx) error {
		references := map[string]string{}
		for _, q := range p.set {
			q.request.Tx, q.request.References = tx, references
			q.request.Path = b.refer(q.request.Path, references)
			r := b.Respond(ctx, q.request)
			if r.Status >= http.StatusBadRequest {
				problem, culprit = r, q
				return errUndo
			}
			if created := r.Header.Get("OData-EntityId"); created != "" && q.id != "" {
				references["$"+q.id] = created
			} else if at := r.Header.Get("Location"); at != "" && q.id != "" {
				references["$"+q.id] = at
			}
			inner.add(r, q.id)
		}
		return nil
	})
	switch {
	case problem != nil:
		w.add(problem, culprit.id)
		return problem.Status
	case err != nil:
		w.add(Reply(http.StatusInternalServerError, nil), "")
		return http.StatusInternalServerError
	}
	w.nest(inner)
	return 0
}

// errUndo undoes a change set whose problem is told otherwise.
var errUndo = errors.New("a request of the change set failed")

// refer puts the address of what was created before in the place of its Content-ID.
func (b *Batch) refer(path string, references map[string]string) string {
	name, rest, more := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	address, known := references[name]
	if !known {
		return path
	}
	if u, err := url.Parse(address); err == nil {
		path = strings.TrimPrefix(u.EscapedPath(), strings.TrimSuffix(b.Root, "/"))
	}
	if more {
		path += "/" + rest
	}
	return path
}

// read cuts a multipart body into its parts.
func (b *Batch) read(outer *Request, contentType string, body []byte, inside bool, count *int) ([]part, error) {
	kind, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "multipart/mixed" || parameters["boundary"] == "" {
		return nil, errBatch("The content type '%s' is not multipart/mixed with a boundary.", contentType)
	}
	var out []part
	reader := multipart.NewReader(bytes.NewReader(body), parameters["boundary"])
	for {
		raw, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, errBatch("The batch request is malformed: %v.", err)
		}
		content, err := io.ReadAll(raw)
		if err != nil {
			return nil, errBatch("The batch request is malformed: %v.", err)
		}
		p, err := b.readPart(outer, raw.Header, content, inside, count)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
}

func (b *Batch) readPart(outer *Request, header textproto.MIMEHeader, content []byte, inside bool, count *int) (part, error) {
	contentType := header.Get("Content-Type")
	if strings.HasPrefix(strings.ToLower(contentType), "multipart/mixed") {
		if inside {
			return part{}, errBatch("A change set cannot hold a change set.")
		}
		set, err := b.read(outer, contentType, content, true, count)
		return part{set: set}, err
	}
	if *count++; *count > b.Max {
		return part{}, errBatch("The batch holds more than %d requests.", b.Max)
	}
	r, err := b.readRequest(outer, content)
	if err != nil {
		return part{}, err
	}
	if inside && r.Method == http.MethodGet {
		return part{}, errBatch("A change set cannot hold a GET request.")
	}
	return part{request: r, id: header.Get("Content-ID")}, nil
}

// readRequest reads "METHOD address HTTP/1.1", headers and a body. Line ends
// may be LF alone.
func (b *Batch) readRequest(outer *Request, content []byte) (*Request, error) {
	in := bufio.NewReader(bytes.NewReader(content))
	line, err := in.ReadString('\n')
	words := strings.Fields(line)
	if err != nil || len(words) != 3 || !strings.HasPrefix(words[2], "HTTP/1.") {
		return nil, errBatch("The batch request is malformed: '%s' is not a request line.", strings.TrimSpace(line))
	}
	header, err := textproto.NewReader(in).ReadMIMEHeader()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, errBatch("The batch request is malformed: %v.", err)
	}
	body, err := io.ReadAll(in)
	if err != nil {
		return nil, errBatch("The batch request is malformed: %v.", err)
	}
	path, query, _ := strings.Cut(words[1], "?")
	if path, err = b.inner(path); err != nil {
		return nil, err
	}
	return &Request{Method: words[0], Origin: outer.Origin, Path: path, Query: query, Header: http.Header(header), Body: body}, nil
}

// inner gives the path of a request within a batch from the server's root: its
// address may be whole, from the root, relative, or the Content-ID of another.
func (b *Batch) inner(address string) (string, error) {
	if scheme := strings.Index(address, "://"); scheme >= 0 {
		slash := strings.Index(address[scheme+3:], "/")
		if slash < 0 {
			return "", errBatch("The address '%s' is not one of this service.", address)
		}
		address = address[scheme+3+slash:]
	}
	if strings.HasPrefix(address, "$") && !strings.HasPrefix(address, "$batch") {
		return "/" + address, nil
	}
	if !strings.HasPrefix(address, "/") {
		u, err := url.Parse(b.Base)
		if err != nil {
			return "", err
		}
		address = u.Path + address
	}
	path, ok := strings.CutPrefix(address, strings.TrimSuffix(b.Root, "/"))
	if !ok || strings.HasSuffix(path, "$batch") {
		return "", errBatch("The address '%s' is not one of this service, or is not allowed in a batch.", address)
	}
	return path, nil
}

// parts puts the answer to a batch together.
type parts struct {
	boundary string
	buf      bytes.Buffer
}

func newParts(prefix string) *parts { return &parts{boundary: prefix + NewGUID()} }

func (p *parts) add(r *Response, id string) {
	fmt.Fprintf(&p.buf, "--%s\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n", p.boundary)
	if id != "" {
		fmt.Fprintf(&p.buf, "Content-ID: %s\r\n", id)
	}
	fmt.Fprintf(&p.buf, "\r\nHTTP/1.1 %d %s\r\n", r.Status, http.StatusText(r.Status))
	_ = r.Header.Write(&p.buf) // a buffer takes everything
	p.buf.WriteString("\r\n")
	p.buf.Write(r.Body)
	p.buf.WriteString("\r\n")
}

// nest adds the answer to a change set.
func (p *parts) nest(inner *parts) {
	fmt.Fprintf(&p.buf, "--%s\r\nContent-Type: multipart/mixed; boundary=%s\r\n\r\n", p.boundary, inner.boundary)
	p.buf.Write(inner.buf.Bytes())
	fmt.Fprintf(&p.buf, "--%s--\r\n", inner.boundary)
}

func (p *parts) response(status int) *Response {
	fmt.Fprintf(&p.buf, "--%s--\r\n", p.boundary)
	return Reply(status, p.buf.Bytes(), "Content-Type", "multipart/mixed; boundary="+p.boundary, "OData-Version", "4.0")
}
