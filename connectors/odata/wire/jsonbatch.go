package wire

import (
	"encoding/json"
	"net/http"
	"strconv"

	"dualwrite/connectors"
)

type jsonRequest struct {
	ID     string            `json:"id"`
	Group  string            `json:"atomicityGroup,omitempty"`
	Method string            `json:"method"`
	URL    string            `json:"url"`
	Header map[string]string `json:"headers,omitempty"`
	Body   json.RawMessage   `json:"body,omitempty"`
}

// jsonOf is the request that carries operations in the JSON form of 4.01.
func jsonOf(ops []Operation) (Request, error) {
	var body struct {
		Requests []jsonRequest `json:"requests"`
	}
	for i, o := range ops {
		r := jsonRequest{ID: strconv.Itoa(i), Group: o.Group, Method: o.Method, URL: o.Path, Header: o.Header, Body: o.Body}
		if o.Body != nil {
			r.Header = map[string]string{"content-type": "application/json"}
			for name, value := range o.Header {
				r.Header[name] = value
			}
		}
		body.Requests = append(body.Requests, r)
	}
	text, err := json.Marshal(body)
	if err != nil {
		return Request{}, &connectors.Error{Kind: connectors.Internal, Message: "the batch cannot be written", Err: err}
	}
	return Request{Method: http.MethodPost, Path: "$batch", Body: text, Repeatable: allReads(ops), Header: map[string]string{"Prefer": "odata.continue-on-error"}}, nil
}

// readResponses spreads the answers of a batch over its operations by their ids.
func readResponses(answer *Response, out []*Response) error {
	var parts struct {
		Responses []struct {
			ID     string            `json:"id"`
			Status int               `json:"status"`
			Header map[string]string `json:"headers"`
			Body   json.RawMessage   `json:"body"`
		} `json:"responses"`
	}
	if err := json.Unmarshal(answer.Body, &parts); err != nil {
		return err
	}
	for _, p := range parts.Responses {
		i, err := strconv.Atoi(p.ID)
		if err != nil || i < 0 || i >= len(out) {
			continue
		}
		r := &Response{Status: p.Status, Header: http.Header{}, Body: p.Body}
		for name, value := range p.Header {
			r.Header.Set(name, value)
		}
		out[i] = r
	}
	return nil
}
