package scan

import (
	"archive/zip"
	"bufio"
	"cmp"
	"compress/flate"
	"errors"
	"hash"
	"hash/crc32"
	"io"
	"slices"
	"strings"
)

// archive is a zip whose central directory passed every check before anything
// was inflated.
type archive struct {
	src   *source
	lim   Limits
	files map[string]*zip.File // by folded name
}

// directoryBytes bounds what listing the members may read.
const directoryBytes = 2 << 20

// ratioFrom is the inflated size from which the ratio is judged: small parts of
// blanks compress very well.
const ratioFrom = 1 << 20

// fold gives the one name by which a part is known, however it is written.
func fold(name string) string {
	return strings.TrimPrefix(strings.ToLower(strings.ReplaceAll(name, `\`, "/")), "/")
}

func openArchive(src *source, size int64, lim Limits) (*archive, error) {
	src.budget = directoryBytes
	zr, err := zip.NewReader(src, size)
	overran := src.budget == 0
	src.budget = -1
	switch {
	case src.err != nil:
		return nil, src.err
	case overran:
		return nil, hostile(UnsafeMembers, "")
	case err != nil && !errors.Is(err, zip.ErrInsecurePath):
		return nil, damaged(ReasonArchive, "")
	}
	a := &archive{src: src, lim: lim, files: make(map[string]*zip.File, len(zr.File))}
	if err := a.check(zr.File, size); err != nil {
		return nil, err
	}
	return a, nil
}

// Unsafe is why a file counts as unsafe, one of a closed list.
type Unsafe string

// The reasons for an unsafe file.
const (
	UnsafeMembers   Unsafe = "members"   // too many members
	UnsafeDuplicate Unsafe = "duplicate" // two members of one name
	UnsafeOverlap   Unsafe = "overlap"   // members that share bytes
	UnsafeMethod    Unsafe = "method"    // an unusual compression or an encrypted member
	UnsafeRatio     Unsafe = "ratio"     // inflates out of all proportion
	UnsafeTotal     Unsafe = "total"     // inflates to too much
	UnsafeToken     Unsafe = "token"     // one tag or text without end
	UnsafeDepth     Unsafe = "depth"     // elements nested without end
	UnsafeCount     Unsafe = "count"     // too many sheets, formats, strings or attributes
)

// Unsafes lists every reason, for whoever writes the messages.
func Unsafes() []Unsafe {
	return []Unsafe{UnsafeMembers, UnsafeDuplicate, UnsafeOverlap, UnsafeMethod, UnsafeRatio, UnsafeTotal,
		UnsafeToken, UnsafeDepth, UnsafeCount}
}

func hostile(reason Unsafe, part string) *Refusal {
	return refuse(RuleUnsafe, "reason", unsafeTerm+string(reason), "part", validText(part))
}

func (a *archive) check(files []*zip.File, size int64) error {
	if len(files) > a.lim.Members {
		return hostile(UnsafeMembers, "")
	}
	type span struct{ from, to int64 }
	spans := make([]span, 0, len(files))
	var total uint64
	for _, f := range files {
		name := fold(f.Name)
		if _, twice := a.files[name]; twice {
			return hostile(UnsafeDuplicate, f.Name)
		}
		a.files[name] = f
		if f.Method != zip.Store && f.Method != zip.Deflate || f.Flags&1 != 0 {
			return hostile(UnsafeMethod, f.Name)
		}
		if f.UncompressedSize64 > uint64(a.lim.TotalBytes) || f.CompressedSize64 > uint64(size) {
			return hostile(UnsafeTotal, f.Name)
		}
		if total += f.UncompressedSize64; total > uint64(a.lim.TotalBytes) {
			return hostile(UnsafeTotal, f.Name)
		}
		if f.UncompressedSize64 > ratioFrom && f.UncompressedSize64 > f.CompressedSize64*uint64(a.lim.Ratio) {
			return hostile(UnsafeRatio, f.Name)
		}
		from, err := f.DataOffset()
		if a.src.err != nil {
			return a.src.err
		}
		if err != nil || from+int64(f.CompressedSize64) > size {
			return damaged(ReasonArchive, validText(f.Name))
		}
		// The local header's 30 bytes before the data belong to the member too.
		spans = append(spans, span{from - 30, from + int64(f.CompressedSize64)})
	}
	slices.SortFunc(spans, func(x, y span) int { return cmp.Compare(x.from, y.from) })
	for i := 1; i < len(spans); i++ {
		if spans[i].from < spans[i-1].to {
			return hostile(UnsafeOverlap, "")
		}
	}
	return nil
}

func (a *archive) has(name string) bool { return a.files[fold(name)] != nil }

func (a *archive) hasPrefix(p string) bool {
	for name := range a.files {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// part is one member, inflated under a limit, with its size and check sum
// judged at its end. Reading it to io.EOF is what proves it whole.
type part struct {
	a    *archive
	name string
	buf  *bufio.Reader
	in   io.Reader
	sum  hash.Hash32
	want uint32
	size int64 // declared
	read int64
	err  error // why its bytes are not to be trusted
}

// open starts reading a member that declares at most most bytes.
func (a *archive) open(name string, most int64) (*part, error) {
	f := a.files[fold(name)]
	if f == nil {
		return nil, damaged(ReasonMissing, validText(name))
	}
	if int64(f.UncompressedSize64) > most {
		return nil, tooLarge(limitPart, most, validText(f.Name))
	}
	raw, err := f.OpenRaw()
	if err != nil {
		if a.src.err != nil {
			return nil, a.src.err
		}
		return nil, damaged(ReasonArchive, validText(f.Name))
	}
	p := &part{a: a, name: validText(f.Name), sum: crc32.NewIEEE(), want: f.CRC32, size: int64(f.UncompressedSize64)}
	p.buf = bufio.NewReaderSize(raw, 32<<10)
	if f.Method == zip.Store {
		p.in = p.buf
	} else {
		p.in = flate.NewReader(p.buf)
	}
	return p, nil
}

func (p *part) Read(b []byte) (int, error) {
	n, err := p.inflate(b)
	if err != nil && err != io.EOF {
		p.err = err
	}
	return n, err
}

func (p *part) inflate(b []byte) (int, error) {
	n, err := p.in.Read(b)
	p.read += int64(n)
	p.sum.Write(b[:n])
	switch {
	case p.a.src.err != nil:
		return 0, p.a.src.err
	case p.read > p.size:
		return 0, damaged(ReasonSize, p.name)
	case err == nil:
		return n, nil
	case err != io.EOF:
		return 0, damaged(ReasonDeflate, p.name)
	}
	if _, more := p.buf.ReadByte(); p.read != p.size || more != io.EOF {
		return 0, damaged(ReasonSize, p.name)
	}
	if p.sum.Sum32() != p.want {
		return 0, damaged(ReasonChecksum, p.name)
	}
	return n, io.EOF
}
