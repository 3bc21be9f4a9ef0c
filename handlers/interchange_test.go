package handlers_test

import (
	"archive/zip"
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dualwrite/models"
)

// upload sends a file as the import form does.
func (b *browser) upload(name string, file []byte) *page {
	b.c.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for field, value := range map[string]string{"_csrf": b.token(), "environment": "1", "paste": ""} {
		if err := form.WriteField(field, value); err != nil {
			b.c.t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(file)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		b.c.t.Fatal(err)
	}
	return b.send("POST", "/maps/import", form.FormDataContentType(), &body)
}

// bomb is a zip archive that unpacks to so many MB of blanks.
func bomb(t *testing.T, megabytes int64) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create("bomb.json")
	if err == nil {
		_, err = io.Copy(f, io.LimitReader(blanks{}, megabytes<<20))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestEveryFileThatIsSentGetsAClearAnswer(t *testing.T) {
	c, _, _, _ := mustOpenWithMaps(t)
	b := c.signedIn(models.Administrator)
	const mapping = `{"legs":[{"sourceSchema":"Banks","destinationSchema":"msdyn_banks","sourceEnvironmentType":"AX","destinationEnvironmentType":"CRM","fieldMappings":[{"syncDirection":1,"sourceField":"A","destinationField":"a"}]}]}`
	long := func(megabytes int) []byte { return []byte(mapping + strings.Repeat(" ", megabytes<<20)) }
	b.upload("maps.json", long(3)).wants(http.StatusOK).says("h2", "What importing changes").says("main", "At most 32 MB").says("tbody", "Banks")
	for name, sent := range map[string]struct {
		file   []byte
		status int
		says   string
	}{
		"over what is read":     {long(50), http.StatusUnprocessableEntity, "larger than 32 MB"},
		"over what is taken":    {long(65), http.StatusRequestEntityTooLarge, "larger than 64 MB"},
		"broken JSON":           {[]byte("[{\"legs\":[{\n,}"), http.StatusUnprocessableEntity, "line 2"},
		"a file of another app": {[]byte("%PDF-1.7 \x00\x01\xff"), http.StatusUnprocessableEntity, "cannot be read as a map"},
		"a zip bomb":            {bomb(t, 200), http.StatusUnprocessableEntity, "unpacks to more than 128 MB"},
	} {
		t.Run(name, func(t *testing.T) {
			if p := b.upload("maps.json", sent.file).wants(sent.status); !strings.Contains(p.Find("main").Text(), sent.says) {
				t.Errorf("the answer is %q", strings.Join(strings.Fields(p.Find("main").Text()), " "))
			}
		})
	}
	if all, err := c.store.Maps(t.Context()); err != nil || len(all) != 3 {
		t.Errorf("%d maps after previews alone, %v", len(all), err)
	}
}

func TestOnlyTheImportTakesMuch(t *testing.T) {
	c, groups, _, _ := mustOpenWithMaps(t)
	b := c.signedIn(models.Administrator)
	b.do("POST", at(groups, "mappings/filter"), url.Values{"_csrf": {b.token()}, "filter": {strings.Repeat("x", 2<<20)}}).wants(http.StatusRequestEntityTooLarge).says("main", "larger than 1 MB")
	viewer := c.signedIn(models.Viewer)
	viewer.upload("maps.json", make([]byte, 2<<20)).wants(http.StatusForbidden)
}
