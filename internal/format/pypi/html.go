package pypi

import (
	"bufio"
	"html"
	"io"
)

// writeHTML writes the page (PEP 503, 592, 658, 714, 740). data-upload-time
// is CodeArtifact's own.
func (p *page) writeHTML(to io.Writer) error {
	w := bufio.NewWriterSize(to, 32<<10)
	writeHead(w, "Links for "+p.ref.Name)
	err := p.files(func(f file) error {
		w.WriteString(`<a href="`)
		w.WriteString(f.url)
		w.WriteString("#sha256=")
		w.WriteString(f.Sums.SHA256)
		w.WriteByte('"')
		if f.RequiresPython != "" {
			writeAttribute(w, "data-requires-python", f.RequiresPython)
		}
		if f.Yanked != nil {
			writeAttribute(w, "data-yanked", *f.Yanked)
		}
		if f.CoreMetadata != "" {
			writeAttribute(w, "data-core-metadata", "sha256="+f.CoreMetadata)
			writeAttribute(w, "data-dist-info-metadata", "sha256="+f.CoreMetadata) // pip before 23.2
		}
		if url := p.provenanceURL(f); url != "" {
			writeAttribute(w, "data-provenance", url)
		}
		writeAttribute(w, "data-upload-time", string(f.appendTime(nil)))
		w.WriteByte('>')
		w.WriteString(html.EscapeString(f.Name))
		w.WriteString("</a><br>\n")
		return nil
	})
	if err != nil {
		return err
	}
	w.WriteString(tail)
	return w.Flush()
}

func writeHead(w *bufio.Writer, title string) {
	title = html.EscapeString(title)
	w.WriteString("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n" +
		"<meta charset=\"utf-8\">\n" +
		"<meta name=\"pypi:repository-version\" content=\"" + apiVersion + "\">\n" +
		"<title>" + title + "</title>\n</head>\n<body>\n<h1>" + title + "</h1>\n")
}

const tail = "</body>\n</html>\n"

func writeAttribute(w *bufio.Writer, name, value string) {
	w.WriteByte(' ')
	w.WriteString(name)
	w.WriteString(`="`)
	w.WriteString(html.EscapeString(value))
	w.WriteByte('"')
}
