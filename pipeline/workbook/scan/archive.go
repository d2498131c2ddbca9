package scan

import (
	"archive/zip"
	"cmp"
	"compress/flate"
	"errors"
	"hash/crc32"
	"io"
	"slices"
	"strings"
)

// archive is a zip whose central directory passed every check before anything
// was inflated.
type archive struct {
	src   *source
	space *Space
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
	UnsafePath      Unsafe = "path"      // a member whose name leads out of the archive
	UnsafeHeader    Unsafe = "header"    // the archive says two things about its members
	UnsafeRatio     Unsafe = "ratio"     // inflates out of all proportion
	UnsafeTotal     Unsafe = "total"     // inflates to too much
	UnsafeToken     Unsafe = "token"     // one tag or text without end
	UnsafeDepth     Unsafe = "depth"     // elements nested without end
	UnsafeCount     Unsafe = "count"     // too many sheets, formats, strings or attributes
)

// Unsafes lists every reason, for whoever writes the messages.
func Unsafes() []Unsafe {
	return []Unsafe{UnsafeMembers, UnsafeDuplicate, UnsafeOverlap, UnsafeMethod, UnsafePath, UnsafeHeader,
		UnsafeRatio, UnsafeTotal, UnsafeToken, UnsafeDepth, UnsafeCount}
}

// TooMany is UnsafeCount as the argument of a finding.
const TooMany = unsafeTerm + string(UnsafeCount)

func hostile(reason Unsafe, part string) *Refusal {
	return refuse(RuleUnsafe, "reason", unsafeTerm+string(reason), "part", validText(part))
}

func (a *archive) check(files []*zip.File, size int64) error {
	if len(files) > a.lim.Members {
		return hostile(UnsafeMembers, "")
	}
	var total uint64
	for _, f := range files {
		name := fold(f.Name)
		if leaves(f.Name) {
			return hostile(UnsafePath, f.Name)
		}
		if _, twice := a.files[name]; twice {
			return hostile(UnsafeDuplicate, f.Name)
		}
		a.files[name] = f
		if f.Method != zip.Store && f.Method != zip.Deflate || f.Flags&flagEncrypted != 0 {
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
	}
	return a.checkHeaders(files, size)
}

// checkHeaders holds what stands before each member's bytes, and between the
// members, against the directory.
func (a *archive) checkHeaders(files []*zip.File, size int64) error {
	ix, err := a.readIndex(files, size)
	if err != nil {
		return err
	}
	spans := make([]memberSpan, 0, len(files)+1)
	var differs *zip.File
	for i, f := range files {
		data, agrees, err := a.local(f, ix.headers[i])
		if err != nil {
			return err
		}
		end := data + int64(f.CompressedSize64)
		if end > ix.from {
			return damaged(ReasonArchive, validText(f.Name))
		}
		if !agrees && differs == nil {
			differs = f
		}
		spans = append(spans, memberSpan{ix.headers[i], end})
	}
	slices.SortFunc(spans, func(x, y memberSpan) int { return cmp.Compare(x.from, y.from) })
	for i := 1; i < len(spans); i++ {
		if spans[i].from < spans[i-1].to {
			return hostile(UnsafeOverlap, "")
		}
	}
	if differs != nil {
		return hostile(UnsafeHeader, differs.Name)
	}
	if a.unlisted(spans, ix.from, size) {
		return hostile(UnsafeHeader, "")
	}
	return a.src.err
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
	g    *gear
	name string
	in   io.Reader
	sum  uint32
	want uint32
	size int64 // declared
	read int64
	err  error // why its bytes are not to be trusted
}

// open starts reading a member that declares at most most bytes. What it is
// read with goes back to the space by close; a part that is never closed costs
// no more than that.
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
	g := a.space.take()
	g.feed.reset(raw)
	g.part = part{a: a, g: g, name: validText(f.Name), in: &g.feed, want: f.CRC32, size: int64(f.UncompressedSize64)}
	if f.Method == zip.Deflate {
		if err := g.flate.(flate.Resetter).Reset(&g.feed, nil); err != nil {
			return nil, damaged(ReasonDeflate, g.part.name)
		}
		g.part.in = g.flate
	}
	return &g.part, nil
}

// mostDrained bounds how much of a part is read on to learn whether its bytes are
// to be trusted.
const mostDrained = 32 << 20

// cause gives the reason for which to refuse a part: what its reader says, or,
// where the bytes themselves are wrong, that. What stands in damaged bytes is no
// sender's doing. A part that is refused for what it asks of the machine is read
// no further.
func (p *part) cause(err error) error {
	var r *Refusal
	if p.err == nil && errors.As(err, &r) && r.Finding.Rule == RuleDamaged && r.Finding.Args["reason"] != damageTerm+string(ReasonDTD) {
		_, _ = io.CopyN(io.Discard, p, mostDrained)
	}
	if p.err != nil {
		return p.err
	}
	return err
}

// done closes the part of which reading ended with *err.
func (p *part) done(err *error) {
	if *err != nil {
		*err = p.cause(*err)
	}
	p.close()
}

// close gives back what the part was read with; nothing of it may be used after.
func (p *part) close() {
	if g := p.g; g != nil {
		p.a.space.give(g)
	}
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
	p.sum = crc32.Update(p.sum, crc32.IEEETable, b[:n])
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
	if _, more := p.g.feed.ReadByte(); p.read != p.size || more != io.EOF {
		return 0, damaged(ReasonSize, p.name)
	}
	if p.sum != p.want {
		return 0, damaged(ReasonChecksum, p.name)
	}
	return n, io.EOF
}
