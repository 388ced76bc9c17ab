package main

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"mime/multipart"
	"net/http"

	"larder.example/larder"
)

// pageFiles is how many files the project page of most shapes has.
const pageFiles = 2000

// seedProject uploads the project with that page.
func seedProject(ctx context.Context, l *larderd) error {
	all := make([]message, pageFiles)
	for i := range all {
		var err error
		if all[i], _, err = l.upload("widget", fmt.Sprintf("1.%d", i), 1<<10); err != nil {
			return err
		}
	}
	return l.send(ctx, http.StatusOK, all)
}

// upload spells what twine sends to publish a wheel, and returns the wheel
// too.
func (l *larderd) upload(project, version string, size int) (message, []byte, error) {
	wheel, err := zipped(
		project+"/__init__.py", noise(project+version, size),
		project+"-"+version+".dist-info/METADATA",
		"Metadata-Version: 2.4\nName: "+project+"\nVersion: "+version+"\nSummary: A widget that does what widgets do.\nRequires-Python: >=3.9\n",
	)
	if err != nil {
		return message{}, nil, err
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, field := range [][2]string{{":action", "file_upload"}, {"protocol_version", "1"}, {"name", project}, {"version", version}, {"filetype", "bdist_wheel"}} {
		if err := form.WriteField(field[0], field[1]); err != nil {
			return message{}, nil, err
		}
	}
	file, err := form.CreateFormFile("content", project+"-"+version+"-py3-none-any.whl")
	if err != nil {
		return message{}, nil, err
	}
	if _, err := file.Write(wheel); err != nil {
		return message{}, nil, err
	}
	if err := form.Close(); err != nil {
		return message{}, nil, err
	}
	return request("POST", l.endpoints[larder.PyPI], l.addr, body.Bytes(),
		"Authorization: Bearer "+l.token, "Content-Type: "+form.FormDataContentType()), wheel, nil
}

// deploy spells what Maven sends to put a file of an artifact, and returns
// the file too.
func (l *larderd) deploy(version, suffix string, size int) (message, []byte, error) {
	jar, err := zipped("data", noise(version+suffix, size))
	return request("PUT", l.endpoints[larder.Maven]+"com/perf/widget/"+version+"/widget-"+version+"-"+suffix, l.addr, jar,
		"Authorization: Bearer "+l.token), jar, err
}

// zipped returns a zip of files, which come as name and content in turn.
func zipped(files ...string) ([]byte, error) {
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := archive.CreateHeader(&zip.FileHeader{Name: files[i]}) // stored: noise does not get smaller
		if err != nil {
			return nil, err
		}
		if _, err := fmt.Fprint(w, files[i+1]); err != nil {
			return nil, err
		}
	}
	err := archive.Close()
	return b.Bytes(), err
}

// noise is content that follows from a name.
func noise(name string, size int) string {
	random := rand.New(rand.NewPCG(seed(name), 1))
	body := make([]byte, size)
	for i := range body {
		body[i] = byte(random.Uint32())
	}
	return string(body)
}
