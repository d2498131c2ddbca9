package scan

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"strings"
)

// An archive says everything about a member twice: in its central directory and
// in the header before the member's bytes. Programs trust the one or the other,
// so a file in which they differ reads two ways. What follows holds the two
// against each other, and the directory against the file.

const (
	localMark   = "PK\x03\x04"
	centralMark = "PK\x01\x02"
	endMark     = "PK\x05\x06"
	end64Mark   = "PK\x06\x06"
	locatorMark = "PK\x06\x07"

	localBytes   = 30
	centralBytes = 46
	endBytes     = 22
	end64Bytes   = 56
	locatorBytes = 20

	// tailBytes is how far from the file's end an end record is looked for.
	tailBytes = 65 << 10

	flagEncrypted  = 1 << 0
	flagDescriptor = 1 << 3

	extraZip64       = 0x0001
	extraUnicodePath = 0x7075
)

var le = binary.LittleEndian

// index is where the archive's directory lies and where it says that each
// member starts.
type index struct {
	from    int64 // of the directory
	headers []int64
}

// readIndex reads the directory once more, for what archive/zip keeps to itself.
// An offset that does not hold is damage: junk before the archive, or a second
// archive around the first.
func (a *archive) readIndex(files []*zip.File, size int64) (index, error) {
	from, length, ok := a.directory(size)
	if a.src.err != nil {
		return index{}, a.src.err
	}
	if !ok || length > directoryBytes {
		return index{}, damaged(ReasonArchive, "")
	}
	dir, ok := a.bytes(from, length)
	if !ok {
		return index{}, a.broken("")
	}
	ix := index{from: from, headers: make([]int64, len(files))}
	for i, f := range files {
		if len(dir) < centralBytes || string(dir[:4]) != centralMark {
			return index{}, damaged(ReasonArchive, "")
		}
		name, extra := int(le.Uint16(dir[28:])), int(le.Uint16(dir[30:]))
		whole := centralBytes + name + extra + int(le.Uint16(dir[32:]))
		if whole > len(dir) {
			return index{}, damaged(ReasonArchive, "")
		}
		ix.headers[i] = int64(le.Uint32(dir[42:]))
		more := dir[centralBytes+name : centralBytes+name+extra]
		if ix.headers[i] == 0xffffffff {
			wide := zip64Values(more, le.Uint32(dir[24:]), le.Uint32(dir[20:]), le.Uint32(dir[42:]))
			ix.headers[i] = wide[2]
		}
		if otherName(more, f.Name) {
			return index{}, hostile(UnsafeHeader, f.Name)
		}
		dir = dir[whole:]
	}
	if len(dir) > 0 {
		return index{}, damaged(ReasonArchive, "")
	}
	return ix, nil
}

// directory finds the central directory by the end record that archive/zip goes
// by, the last one. It must end where that record begins.
func (a *archive) directory(size int64) (from, length int64, ok bool) {
	var end []byte
	at := int64(-1)
	for _, n := range [...]int64{1 << 10, tailBytes} {
		n = min(n, size)
		tail, ok := a.bytes(size-n, n)
		if !ok {
			return 0, 0, false
		}
		if i := bytes.LastIndex(tail, []byte(endMark)); i >= 0 && i+endBytes <= len(tail) {
			at, end = size-n+int64(i), tail[i:]
			break
		}
	}
	if at < 0 {
		return 0, 0, false
	}
	length, from = int64(le.Uint32(end[12:])), int64(le.Uint32(end[16:]))
	if from == 0xffffffff || length == 0xffffffff || le.Uint16(end[10:]) == 0xffff {
		if wide, ok := a.end64(at); ok {
			at, length, from = wide.at, wide.length, wide.from
		}
	}
	return from, length, from >= 0 && length >= 0 && from+length == at
}

type end64 struct{ at, length, from int64 }

// end64 reads the wide end record, if one stands before the end record.
func (a *archive) end64(at int64) (end64, bool) {
	locator, ok := a.bytes(at-locatorBytes, locatorBytes)
	if !ok || string(locator[:4]) != locatorMark {
		return end64{}, false
	}
	wide := int64(le.Uint64(locator[8:]))
	end, ok := a.bytes(wide, end64Bytes)
	if !ok || string(end[:4]) != end64Mark {
		return end64{}, false
	}
	return end64{wide, int64(le.Uint64(end[40:])), int64(le.Uint64(end[48:]))}, true
}

// local reads the header before a member's bytes: where those start, and whether
// it says what the directory says.
func (a *archive) local(f *zip.File, at int64) (data int64, agrees bool, err error) {
	head, ok := a.bytes(at, localBytes)
	if !ok || string(head[:4]) != localMark {
		return 0, false, a.broken(f.Name)
	}
	nameLen, extraLen := int64(le.Uint16(head[26:])), int64(le.Uint16(head[28:]))
	data = at + localBytes + nameLen + extraLen
	rest, ok := a.bytes(at+localBytes, nameLen+extraLen)
	if !ok {
		return 0, false, a.broken(f.Name)
	}
	flags := le.Uint16(head[6:])
	if string(rest[:nameLen]) != f.Name && fold(string(rest[:nameLen])) != fold(f.Name) || le.Uint16(head[8:]) != f.Method ||
		(flags^f.Flags)&flagEncrypted != 0 || otherName(rest[nameLen:], f.Name) {
		return data, false, nil
	}
	if flags&flagDescriptor != 0 {
		return data, true, nil
	}
	packed, whole := le.Uint32(head[18:]), le.Uint32(head[22:])
	wide := zip64Values(rest[nameLen:], whole, packed, 0)
	return data, le.Uint32(head[14:]) == f.CRC32 && uint64(wide[1]) == f.CompressedSize64 &&
		uint64(wide[0]) == f.UncompressedSize64, nil
}

// zip64Values gives the inflated size, the deflated size, the offset; those that
// do not fit in four bytes stand in the extra field, in this order.
func zip64Values(extra []byte, narrow ...uint32) (wide [3]int64) {
	field := extraField(extra, extraZip64)
	for i, v := range narrow {
		wide[i] = int64(v)
		if v == 0xffffffff && len(field) >= 8 {
			wide[i], field = int64(le.Uint64(field)), field[8:]
		}
	}
	return wide
}

// otherName tells whether an extra field gives a member another name, as some
// programs would read it.
func otherName(extra []byte, name string) bool {
	field := extraField(extra, extraUnicodePath)
	return len(field) > 5 && fold(string(field[5:])) != fold(name)
}

func extraField(extra []byte, id uint16) []byte {
	for len(extra) >= 4 {
		n := int(le.Uint16(extra[2:]))
		if n > len(extra)-4 {
			return nil
		}
		if le.Uint16(extra) == id {
			return extra[4 : 4+n]
		}
		extra = extra[4+n:]
	}
	return nil
}

// memberSpan is the bytes of one member, its header included.
type memberSpan struct{ from, to int64 }

// unlisted tells whether a member that the directory does not list, or a second
// end record, lies outside the listed ones. The spans are in order.
func (a *archive) unlisted(spans []memberSpan, directory, size int64) bool {
	last := int64(0)
	for _, s := range append(spans, memberSpan{directory, directory}) {
		// A descriptor of up to 24 bytes may stand between; a header takes 30.
		if s.from-last >= localBytes {
			gap, _ := a.bytes(last, min(s.from-last, localBytes+24))
			if bytes.Contains(gap, []byte(localMark)) {
				return true
			}
		}
		last = s.to
	}
	from := int64(0)
	if len(spans) > 0 {
		from = spans[len(spans)-1].to
	}
	from = max(from, size-tailBytes)
	tail, _ := a.bytes(from, size-from)
	return bytes.Count(tail, []byte(endMark)) > 1
}

// bytes reads a range of the file; ok is false where it does not hold so many.
func (a *archive) bytes(from, n int64) (b []byte, ok bool) {
	if from < 0 || n < 0 || from > a.src.size || n > a.src.size-from {
		return nil, false
	}
	b = make([]byte, n)
	got, err := a.src.ReadAt(b, from)
	return b, got == len(b) && (err == nil || err == io.EOF)
}

// broken is why a range could not be read: our disk, or their file.
func (a *archive) broken(part string) error {
	if a.src.err != nil {
		return a.src.err
	}
	return damaged(ReasonArchive, validText(part))
}

// leaves tells whether a member's name would lead out of a folder that the
// archive is unpacked in, or is one that programs read in different ways.
func leaves(name string) bool {
	name = strings.ReplaceAll(name, `\`, "/")
	if strings.HasPrefix(name, "/") || len(name) > 1 && name[1] == ':' {
		return true
	}
	for _, c := range []byte(name) {
		if c < ' ' || c == 0x7f {
			return true
		}
	}
	for segment := range strings.SplitSeq(strings.TrimSuffix(name, "/"), "/") {
		if segment == "" || segment == "." || segment == ".." {
			return true
		}
	}
	return false
}
