package scan

// Note is a note on a cell, as text.
type Note struct {
	Ref, Author, Text string
}

// maxNotes bounds the notes that are read of one sheet.
const maxNotes = 10000

// Notes gives the notes of a sheet, in the order of the file. They hold no value:
// of a part that is damaged, what stands before the damage is given.
func (b *Book) Notes(s Sheet) (notes []Note, err error) {
	defer func() {
		if recover() != nil {
			notes, err = nil, nil
		}
	}()
	if s.part == "" {
		return nil, nil
	}
	rels, err := b.relationships(s.part)
	if err != nil {
		return nil, b.zip.src.err
	}
	for _, r := range rels {
		if r.is("comments") && b.zip.has(r.target) {
			found, err := b.notes(r.target)
			notes = append(notes, found...)
			if err != nil {
				break
			}
		}
	}
	return notes, b.zip.src.err
}

func (b *Book) notes(name string) (notes []Note, err error) {
	p, err := b.zip.open(name, b.lim.SmallBytes)
	if err != nil {
		return nil, err
	}
	defer p.close()
	l := newLexer(p, b.lim, nsMain, nsMainStrict)
	var authors []string
	for len(notes) < maxNotes {
		ev, err := l.next()
		if err != nil || ev == evEOF {
			return notes, err
		}
		if ev != evStart {
			continue
		}
		switch {
		case l.name == "author":
			who, err := l.leaf()
			if err != nil {
				return notes, err
			}
			authors = append(authors, string(appendUnescaped(nil, who)))
		case l.name == "comment":
			ref, _ := l.attr("ref")
			by, _ := l.raw("authorId")
			n := Note{Ref: ref}
			if i, ok := digits(by); ok && i < len(authors) {
				n.Author = authors[i]
			}
			if _, _, ok := splitRef(ref); ok {
				notes = append(notes, n)
			}
		case l.name == "text" && len(notes) > 0:
			text, err := l.richText(b.lim.TextUnits)
			if err != nil {
				return notes, err
			}
			notes[len(notes)-1].Text += string(text)
		}
	}
	return notes, nil
}

// Weight gives how many bytes a sheet declares, inflated.
func (b *Book) Weight(s Sheet) int64 {
	if f := b.zip.files[fold(s.part)]; s.part != "" && f != nil {
		return int64(f.UncompressedSize64)
	}
	return 0
}
