package wire_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"dualwrite/connectors"
	"dualwrite/connectors/odata/wire"
)

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

func ops(n int) []wire.Operation {
	out := make([]wire.Operation, n)
	for i := range out {
		out[i] = wire.Operation{Method: "PATCH", Path: fmt.Sprintf("tasks(%d)", i), Body: []byte(`{"a":1}`), Header: map[string]string{"If-Match": "*"}}
	}
	return out
}

func TestMultipartBatchIsWrittenAsServicesDocumentIt(t *testing.T) {
	var got, media, prefer string
	c, _ := dial(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got, media, prefer = string(b), r.Header.Get("Content-Type"), r.Header.Get("Prefer")
		w.WriteHeader(500)
	}, nil)
	c.Batch(t.Context(), wire.Batching{Form: wire.MultipartSets, Absolute: true}, append(ops(1), wire.Operation{Method: "GET", Path: "tasks"}))
	name := regexp.MustCompile(`boundary="batch_([A-Z0-9]+)"`).FindStringSubmatch(media)
	if len(name) != 2 || prefer != "odata.continue-on-error" {
		t.Fatalf("Content-Type: %s, Prefer: %s", media, prefer)
	}
	want := crlf(`--batch_X
Content-Type: multipart/mixed; boundary="changeset_X_0"

--changeset_X_0
Content-Type: application/http
Content-Transfer-Encoding: binary
Content-ID: 1

PATCH /svc/tasks(0) HTTP/1.1
Accept: application/json
Content-Type: application/json
If-Match: *

{"a":1}
--changeset_X_0--

--batch_X
Content-Type: application/http
Content-Transfer-Encoding: binary

GET /svc/tasks HTTP/1.1
Accept: application/json


--batch_X--
`)
	if got = strings.ReplaceAll(got, name[1], "X"); got != want {
		t.Errorf("the batch is\n%s\nwant\n%s", got, want)
	}
}

// answering is a service that gives every batch the same answer.
func answering(t *testing.T, media, body string) *wire.Client {
	c, _ := dial(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", media)
		w.Write([]byte(body))
	}, nil)
	return c
}

func TestMultipartAnswersAreReadHoweverTheyAreSpelled(t *testing.T) {
	documented := crlf(`--batchresponse_1
Content-Type: application/http
Content-Transfer-Encoding: binary

HTTP/1.1 204 No Content
OData-EntityId: https://org/api/data/v9.2/tasks(1)


--batchresponse_1
Content-Type: application/http

HTTP/1.1 400 Bad Request
Content-Type: application/json

{"error":{"code":"0x80044331","message":"too long"}}
--batchresponse_1--
`)
	loose := `--b1
content-type:application/http

HTTP/1.1 204

--b1
content-type:application/http

HTTP/1.1 400 Bad Request
content-type:application/json

{"error":{"code":"0x80044331","message":"too long"}}
--b1--`
	nested := crlf(`--r
Content-Type: multipart/mixed; boundary="s"

--s
Content-Type: application/http
Content-ID: 1

HTTP/1.1 204 No Content


--s--
--r
Content-Type: application/http
Content-ID: 2

HTTP/1.1 400 Bad Request
Content-Type: application/json

{"error":{"code":"0x80044331","message":"too long"}}
--r--
`)
	for name, c := range map[string]struct {
		media, body string
		form        wire.BatchForm
	}{
		"as documented":    {`multipart/mixed; boundary=batchresponse_1`, documented, wire.Multipart},
		"bare line ends":   {`multipart/mixed;boundary=b1`, loose, wire.Multipart},
		"change sets":      {`multipart/mixed; boundary="r"`, nested, wire.MultipartSets},
		"sets in one part": {`multipart/mixed; boundary="r"`, nested, wire.Multipart},
	} {
		client := answering(t, c.media, c.body)
		got, err := client.Batch(t.Context(), wire.Batching{Form: c.form}, ops(3))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got[0] == nil || got[0].Status != 204 || got[0].Failure() != nil {
			t.Errorf("%s: the first is %+v", name, got[0])
		}
		if f := got[1].Failure(); f == nil || f.Code != "0x80044331" || f.Message != "too long" {
			t.Errorf("%s: the second is %+v", name, got[1])
		}
		if got[2] != nil {
			t.Errorf("%s: an operation without a part counts as executed: %+v", name, got[2])
		}
	}
	for name, body := range map[string]string{"cut off": documented[:200], "empty": "", "more parts than operations": strings.Replace(documented, "--batchresponse_1--", documented, 1)} {
		client := answering(t, `multipart/mixed; boundary=batchresponse_1`, body)
		if _, err := client.Batch(t.Context(), wire.Batching{Form: wire.Multipart}, ops(2)); connectors.KindOf(err) != connectors.Transient {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFailedGroupFailsWhole(t *testing.T) {
	client := answering(t, "application/json", `{"responses":[{"id":"0","status":201},{"id":"1","status":409,"body":{"error":{"code":"","message":"taken"}}},{"id":"2","status":204}]}`)
	group := ops(3)
	group[0].Group, group[1].Group = "g", "g"
	got, err := client.Batch(t.Context(), wire.Batching{Form: wire.JSONBatch}, group)
	if err != nil {
		t.Fatal(err)
	}
	if got[0].Status != http.StatusFailedDependency || got[1].Status != 409 || got[2].Status != 204 {
		t.Errorf("the answers are %d, %d, %d", got[0].Status, got[1].Status, got[2].Status)
	}
}

func TestJSONBatchIsWrittenByTheStandard(t *testing.T) {
	var got map[string]any
	c, _ := dial(t, func(w http.ResponseWriter, r *http.Request) {
		json.NewDecoder(r.Body).Decode(&got)
		w.Write([]byte(`{"responses":[]}`))
	}, nil)
	if _, err := c.Batch(t.Context(), wire.Batching{Form: wire.JSONBatch}, ops(2)); err != nil {
		t.Fatal(err)
	}
	first := got["requests"].([]any)[0].(map[string]any)
	want := map[string]any{"id": "0", "method": "PATCH", "url": "tasks(0)", "headers": map[string]any{"content-type": "application/json", "If-Match": "*"}, "body": map[string]any{"a": 1.0}}
	if fmt.Sprint(first) != fmt.Sprint(want) {
		t.Errorf("the request is %v, want %v", first, want)
	}
}

func TestBatchIsSplitByCountByBytesAndWhenItIsTooLong(t *testing.T) {
	for name, c := range map[string]struct {
		batching wire.Batching
		limit    int // bytes that the service takes
		ops      int
		batches  int
	}{
		"by count":    {wire.Batching{Form: wire.JSONBatch, Most: 4}, 1 << 20, 10, 3},
		"by bytes":    {wire.Batching{Form: wire.JSONBatch, Bytes: 900}, 1 << 20, 8, 2},
		"by refusals": {wire.Batching{Form: wire.JSONBatch}, 400, 8, 7},
	} {
		calls := 0
		client, _ := dial(t, func(w http.ResponseWriter, r *http.Request) {
			calls++
			b, _ := io.ReadAll(r.Body)
			if len(b) > c.limit {
				w.WriteHeader(413)
				return
			}
			var in struct{ Requests []struct{ ID string } }
			json.Unmarshal(b, &in)
			var out []map[string]any
			for _, r := range in.Requests {
				out = append(out, map[string]any{"id": r.ID, "status": 204})
			}
			json.NewEncoder(w).Encode(map[string]any{"responses": out})
		}, nil)
		got, err := client.Batch(t.Context(), c.batching, ops(c.ops))
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range got {
			if r == nil || r.Status != 204 {
				t.Errorf("%s: operation %d is answered by %+v", name, i, r)
			}
		}
		if calls != c.batches {
			t.Errorf("%s: %d batches, want %d", name, calls, c.batches)
		}
	}
}

func TestRecordThatIsTooLongByItselfIsRefusedAlone(t *testing.T) {
	client, _ := dial(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(413) }, nil)
	got, err := client.Batch(t.Context(), wire.Batching{Form: wire.NoBatch}, ops(1))
	if err != nil || got[0].Failure() == nil || got[0].Failure().Status != 413 {
		t.Errorf("%v, %v", got, err)
	}
}
