package wire

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
)

// multipartOf is the request that carries operations as multipart/mixed, asking
// the service to go on after an error.
func (c *Client) multipartOf(form Batching, ops []Operation) Request {
	boundary := "batch_" + rand.Text()
	return Request{Method: http.MethodPost, Path: "$batch", Body: c.writeParts(form, ops, boundary), Repeatable: allReads(ops),
		Header: map[string]string{"Content-Type": `multipart/mixed; boundary="` + boundary + `"`, "Accept": "multipart/mixed", "Prefer": "odata.continue-on-error"}}
}

// writeParts writes the body of a batch. Lines end in CRLF.
func (c *Client) writeParts(form Batching, ops []Operation, boundary string) []byte {
	var b bytes.Buffer
	for i, o := range ops {
		inSet := o.Method != http.MethodGet && (o.Group != "" || form.Form == MultipartSets)
		set := "changeset_" + boundary[len("batch_"):] + "_" + strconv.Itoa(i)
		first := o.Group == "" || i == 0 || ops[i-1].Group != o.Group
		last := o.Group == "" || i == len(ops)-1 || ops[i+1].Group != o.Group
		if inSet && o.Group != "" {
			set = "changeset_" + boundary[len("batch_"):] + "_" + o.Group
		}
		within := boundary
		if inSet {
			within = set
			if first {
				fmt.Fprintf(&b, "--%s\r\nContent-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n", boundary, set)
			}
		}
		fmt.Fprintf(&b, "--%s\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n", within)
		if inSet {
			fmt.Fprintf(&b, "Content-ID: %d\r\n", i+1)
		}
		c.writeRequest(&b, form, o)
		if inSet && last {
			fmt.Fprintf(&b, "--%s--\r\n\r\n", set)
		}
	}
	fmt.Fprintf(&b, "--%s--\r\n", boundary)
	return b.Bytes()
}

func (c *Client) writeRequest(b *bytes.Buffer, form Batching, o Operation) {
	address := o.Path
	if form.Absolute {
		address = c.root.EscapedPath() + o.Path
	}
	fmt.Fprintf(b, "\r\n%s %s HTTP/1.1\r\n", o.Method, address)
	if o.Header["Accept"] == "" {
		b.WriteString("Accept: application/json\r\n")
	}
	if o.Body != nil {
		b.WriteString("Content-Type: application/json\r\n")
	}
	for name, value := range o.Header {
		fmt.Fprintf(b, "%s: %s\r\n", name, value)
	}
	b.WriteString("\r\n")
	b.Write(o.Body)
	b.WriteString("\r\n")
}

// readParts spreads the parts of an answer over the operations: by Content-ID
// where a part has one, otherwise by their order.
func readParts(answer *Response, ops []Operation, out []*Response, form BatchForm) error {
	parts, err := splitParts(answer.Header.Get("Content-Type"), answer.Body)
	if err != nil {
		return err
	}
	at := 0
	for _, p := range parts {
		media, _, _ := mime.ParseMediaType(p.header.Get("Content-Type"))
		inner := []part{p}
		if media == "multipart/mixed" {
			if inner, err = splitParts(p.header.Get("Content-Type"), p.body); err != nil {
				return err
			}
		}
		for _, q := range inner {
			r, err := readPart(q)
			if err != nil {
				return err
			}
			i := at
			if id, err := strconv.Atoi(q.header.Get("Content-ID")); err == nil && id >= 1 && id <= len(ops) && form != Multipart {
				i = id - 1
			}
			if i >= len(ops) {
				return fmt.Errorf("%d parts answer %d operations", i+1, len(ops))
			}
			out[i] = r
			at = nextPart(ops, i, media != "multipart/mixed")
		}
	}
	return nil
}

// nextPart is the operation that the next part answers. A failed change set has
// one part for all of its operations.
func nextPart(ops []Operation, i int, plain bool) int {
	next := i + 1
	for plain && ops[i].Group != "" && next < len(ops) && ops[next].Group == ops[i].Group {
		next++
	}
	return next
}

type part struct {
	header textproto.MIMEHeader
	body   []byte
}

// splitParts cuts a multipart body. It takes line ends of either kind and parts
// without any header, which strict readers refuse.
func splitParts(contentType string, body []byte) ([]part, error) {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil || params["boundary"] == "" {
		return nil, fmt.Errorf("%q names no boundary", contentType)
	}
	var out []part
	pieces := bytes.Split(append([]byte("\n"), body...), []byte("\n--"+params["boundary"]))
	if len(pieces) < 2 {
		return nil, io.ErrUnexpectedEOF
	}
	for _, piece := range pieces[1:] {
		if bytes.HasPrefix(piece, []byte("--")) {
			return out, nil
		}
		_, piece, _ = bytes.Cut(piece, []byte("\n"))
		piece = bytes.TrimSuffix(piece, []byte("\r"))
		header, rest, err := readHeader(piece)
		if err != nil {
			return nil, err
		}
		out = append(out, part{header, rest})
	}
	return nil, io.ErrUnexpectedEOF
}

// readHeader reads MIME headers up to the empty line.
func readHeader(text []byte) (textproto.MIMEHeader, []byte, error) {
	header := textproto.MIMEHeader{}
	for {
		line, rest, found := bytes.Cut(text, []byte("\n"))
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			return header, rest, nil
		}
		name, value, ok := strings.Cut(string(line), ":")
		if !ok || !found {
			return nil, nil, fmt.Errorf("%q is no header", line)
		}
		header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
		text = rest
	}
}

// readPart reads the HTTP answer within a part.
func readPart(p part) (*Response, error) {
	line, err := bufio.NewReader(bytes.NewReader(p.body)).ReadString('\n')
	if err != nil && err != io.EOF {
		return nil, err
	}
	words := strings.Fields(line)
	if len(words) < 2 || !strings.HasPrefix(words[0], "HTTP/") {
		return nil, fmt.Errorf("%q is no status", strings.TrimSpace(line))
	}
	status, err := strconv.Atoi(words[1])
	if err != nil {
		return nil, fmt.Errorf("%q is no status: %w", words[1], err)
	}
	rest := p.body[min(len(line), len(p.body)):]
	header, body, err := readHeader(rest)
	if err != nil {
		return nil, err
	}
	return &Response{Status: status, Header: http.Header(header), Body: bytes.TrimSpace(body), URL: &url.URL{}}, nil
}
