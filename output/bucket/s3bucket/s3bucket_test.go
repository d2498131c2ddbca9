package s3bucket_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"iltizam/output/bucket"
	"iltizam/output/bucket/buckettest"
	"iltizam/output/bucket/s3bucket"
)

const secret = "wJalrXUtnFEMI-not-to-be-seen"

// credentials are false ones, and all there are.
func credentials(t *testing.T) {
	t.Helper()
	none(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDNOTTOBESEEN")
	t.Setenv("AWS_SECRET_ACCESS_KEY", secret)
}

func none(t *testing.T) {
	t.Helper()
	for _, name := range []string{"AWS_PROFILE", "AWS_CA_BUNDLE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID",
		"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "HTTP_PROXY", "http_proxy",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_WEB_IDENTITY_TOKEN_FILE"} {
		t.Setenv(name, "")
		os.Unsetenv(name)
	}
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/absent")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/absent")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

func TestNoCredentials(t *testing.T) {
	none(t)
	_, err := s3bucket.Open(t.Context(), "s3://b?region=eu-west-3", s3bucket.Options{})
	if !errors.Is(err, bucket.ErrDenied) || !strings.Contains(err.Error(), "AWS_ACCESS_KEY_ID") {
		t.Errorf("got %v", err)
	}
}

func TestNoRegion(t *testing.T) {
	credentials(t)
	_, err := s3bucket.Open(t.Context(), "s3://b", s3bucket.Options{})
	if err == nil || !strings.Contains(err.Error(), "?region=") {
		t.Errorf("got %v", err)
	}
	t.Setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
	if _, err := s3bucket.Open(t.Context(), "s3://b", s3bucket.Options{}); err != nil {
		t.Errorf("with an endpoint: %v", err)
	}
}

func TestPathStyle(t *testing.T) {
	credentials(t)
	for address, want := range map[string]bool{
		"s3://b?region=eu-west-3":                                 false,
		"s3://b?region=eu-west-3&path_style=true":                 true,
		"s3://b?endpoint=https://s3.example.org":                  true,
		"s3://b?endpoint=https://s3.example.org&path_style=false": false,
	} {
		if got := s3bucket.PathStyle(open(t, address)); got != want {
			t.Errorf("%s: got %v", address, got)
		}
	}
	t.Setenv("AWS_ENDPOINT_URL_S3", "https://s3.example.org")
	if !s3bucket.PathStyle(open(t, "s3://b")) {
		t.Error("an endpoint of the environment: not path style")
	}
}

// answer is a store that gives one answer to everything.
func answer(t *testing.T, status int, body string) (b bucket.Bucket, calls *atomic.Int64) {
	t.Helper()
	credentials(t)
	calls = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		if r.Method != http.MethodHead {
			io.WriteString(w, body)
		}
	}))
	t.Cleanup(server.Close)
	return open(t, "s3://b?endpoint="+server.URL), calls
}

func code(c string) string {
	return "<Error><Code>" + c + "</Code><Message>it is so</Message><AWSAccessKeyId>AKIDNOTTOBESEEN</AWSAccessKeyId></Error>"
}

func TestErrorsHaveTheirName(t *testing.T) {
	for _, c := range []struct {
		status int
		code   string
		want   error
		text   string
	}{
		{404, "NoSuchKey", bucket.ErrNotExist, "head.json"},
		{404, "NoSuchBucket", bucket.ErrUnreachable, "no bucket of that name"},
		{412, "PreconditionFailed", bucket.ErrPrecondition, "it is so"},
		{409, "ConditionalRequestConflict", bucket.ErrPrecondition, "it is so"},
		{400, "BadDigest", bucket.ErrDigest, "it is so"},
		{401, "Whatever", bucket.ErrDenied, "Whatever"},
		{403, "AccessDenied", bucket.ErrDenied, "it is so"},
		{403, "InvalidAccessKeyId", bucket.ErrDenied, "it is so"},
		{403, "SignatureDoesNotMatch", bucket.ErrDenied, "it is so"},
		{400, "ExpiredToken", bucket.ErrDenied, "it is so"},
		{507, "InsufficientStorage", bucket.ErrFull, "it is so"},
		{500, "InternalError", bucket.ErrUnreachable, "it is so"},
		{503, "SlowDown", bucket.ErrUnreachable, "it is so"},
	} {
		b, calls := answer(t, c.status, code(c.code))
		// With a condition, so that there is one try only; the body decides for a get.
		_, err := b.Put(t.Context(), "head.json", bucket.Bytes([]byte("x")), bucket.Cond{IfAbsent: true})
		check(t, fmt.Sprint("put ", c.status, c.code), err, c.want, c.text)
		if calls.Load() != 1 {
			t.Errorf("a conditional put was tried %d times", calls.Load())
		}
		if c.status < 500 {
			_, _, err = b.Get(t.Context(), "head.json")
			check(t, fmt.Sprint("get ", c.status, c.code), err, c.want, c.text)
		}
	}
	b, _ := answer(t, 501, code("NotImplemented"))
	_, err := b.Put(t.Context(), "head.json", bucket.Bytes(nil), bucket.Cond{IfMatch: "x"})
	if err == nil || errors.Is(err, bucket.ErrUnreachable) || errors.Is(err, bucket.ErrPrecondition) {
		t.Errorf("501: got %v", err)
	}
	b, _ = answer(t, 404, code("NoSuchKey"))
	_, err = b.Put(t.Context(), "head.json", bucket.Bytes(nil), bucket.Cond{IfMatch: "x"})
	check(t, "swap of an absent object", err, bucket.ErrPrecondition, "absent")
	b, _ = answer(t, 403, "")
	_, err = b.Stat(t.Context(), "head.json")
	check(t, "stat without an answer's body", err, bucket.ErrDenied, "head.json")
}

func check(t *testing.T, what string, err, want error, text string) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got %v, want %v", what, err, want)
	} else if !strings.Contains(err.Error(), text) {
		t.Errorf("%s: %v does not say %q", what, err, text)
	}
	if err != nil && (strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "AKIDNOTTOBESEEN")) {
		t.Errorf("%s: a secret in %v", what, err)
	}
}

func TestTriesAreBounded(t *testing.T) {
	b, calls := answer(t, 503, code("SlowDown"))
	_, err := b.Stat(t.Context(), "x")
	check(t, "stat", err, bucket.ErrUnreachable, "x")
	if calls.Load() != 3 {
		t.Errorf("tried %d times", calls.Load())
	}
}

func TestNobodyThere(t *testing.T) {
	credentials(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	for _, endpoint := range []string{"http://" + l.Addr().String(), "http://nowhere.invalid"} {
		b, err := s3bucket.Open(t.Context(), "s3://b?endpoint="+endpoint, s3bucket.Options{Attempts: 1})
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = b.Get(t.Context(), "x")
		check(t, endpoint, err, bucket.ErrUnreachable, "s3://b")
		_, err = b.Put(t.Context(), "x", bucket.Bytes(nil), bucket.Cond{})
		check(t, endpoint, err, bucket.ErrUnreachable, "s3://b")
		for _, err := range b.List(t.Context(), "") {
			check(t, endpoint, err, bucket.ErrUnreachable, "s3://b")
		}
	}
}

// A store that takes the call, or sends half an object, then says no more.
func TestSilenceEnds(t *testing.T) {
	credentials(t)
	ended := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/half") {
			w.Header().Set("Content-Length", "10")
			io.WriteString(w, "half")
			w.(http.Flusher).Flush()
		}
		<-ended
	}))
	defer server.Close()
	defer close(ended)
	address := "s3://b?endpoint=" + server.URL
	b, err := s3bucket.Open(t.Context(), address, s3bucket.Options{Timeout: 200 * time.Millisecond, Attempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Stat(t.Context(), "x")
	check(t, "stat", err, bucket.ErrUnreachable, "did not answer in time")
	r, _, err := b.Get(t.Context(), "half")
	for errors.Is(err, bucket.ErrUnreachable) { // a busy machine may be late with the first half
		r, _, err = b.Get(t.Context(), "half")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	_, err = io.ReadAll(r)
	check(t, "read", err, bucket.ErrUnreachable, "half")

	ctx, cancel := context.WithCancel(t.Context())
	r, _, err = open(t, address).Get(ctx, "half")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cancel()
	if _, err = io.ReadAll(r); !errors.Is(err, context.Canceled) || errors.Is(err, bucket.ErrUnreachable) {
		t.Errorf("cancelled: got %v", err)
	}
}

func TestWhatTheServerKeeps(t *testing.T) {
	address := buckettest.S3(t)
	b := open(t, address)
	for _, key := range []string{"objects/sha256/ab/abcd/progress.csv", "latest/p/progress.parquet", "index.html", "releases/r/SHA256SUMS"} {
		if _, err := b.Put(t.Context(), key, bucket.Bytes([]byte("x")), bucket.Cond{}); err != nil {
			t.Fatal(err)
		}
		got := s3bucket.KeptHeaders(t.Context(), b, key)
		mediaType, cache, disposition := bucket.Headers(key)
		if want := [4]string{mediaType, cache, disposition, ""}; got != want {
			t.Errorf("%s: got %q, want %q", key, got, want)
		}
	}
	if err := s3bucket.PutFolder(t.Context(), b, "latest/by-hand"); err != nil {
		t.Fatal(err)
	}
	for o, err := range b.List(t.Context(), "latest/") {
		if err != nil || o.Key != "latest/p/progress.parquet" {
			t.Errorf("list: %+v, %v", o, err)
		}
	}
	// The address decides which bucket; one that is not there is named so.
	other := open(t, strings.Replace(address, "s3://iltizam", "s3://nobody", 1))
	_, _, err := other.Get(t.Context(), "x")
	check(t, "another bucket", err, bucket.ErrUnreachable, "no bucket of that name")
	t.Setenv("AWS_SECRET_ACCESS_KEY", secret)
	_, err = open(t, address).Put(t.Context(), "x", bucket.Bytes(nil), bucket.Cond{})
	check(t, "another secret", err, bucket.ErrDenied, "x")
}

func TestAnyKey(t *testing.T) {
	address := strings.Replace(buckettest.S3(t), "?", "/drop?", 1)
	usual := open(t, address)
	b, err := s3bucket.Open(t.Context(), address, s3bucket.Options{AnyKey: true})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"health/a.xlsx", "health/mon rapport.xlsx", "health/a+b.xlsx", "health/50%.xlsx", "health/%41.xlsx", `health/"l'été" & <c>.xlsx`,
		"health/تقرير.xlsx", "وزارة الصحة/الربع الأول ٢٠٢٢.xlsx", "health/?x=1#y;z.xlsx", "health/.hidden", "health/é.xlsx", "health/~$a.xlsx"}
	slices.Sort(want)
	for _, key := range want {
		if err := s3bucket.PutAny(t.Context(), usual, key, "text of "+key); err != nil {
			t.Fatalf("%q: %v", key, err)
		}
	}
	if err := s3bucket.PutFolder(t.Context(), usual, "health/مجلد"); err != nil {
		t.Fatal(err)
	}
	var got []string
	for o, err := range b.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, o.Key)
		if o.Size != int64(len("text of "+o.Key)) {
			t.Errorf("%q: %d bytes", o.Key, o.Size)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("listed %q\nwant %q", got, want)
	}
	for _, key := range want {
		r, o, err := b.Get(t.Context(), key)
		if err != nil {
			t.Errorf("get %q: %v", key, err)
			continue
		}
		text, err := io.ReadAll(r)
		r.Close()
		if err != nil || string(text) != "text of "+key || o.Key != key {
			t.Errorf("get %q: %q of %q, %v", key, text, o.Key, err)
		}
		if s, err := b.Stat(t.Context(), key); err != nil || s.Key != key || s.Size != o.Size {
			t.Errorf("stat %q: %+v, %v", key, s, err)
		}
	}
	for o, err := range b.List(t.Context(), "وزارة") {
		if err != nil || o.Key != "وزارة الصحة/الربع الأول ٢٠٢٢.xlsx" {
			t.Errorf("list by prefix: %+v, %v", o, err)
		}
	}
	for _, key := range []string{"", "health/", "health/مجلد/"} {
		_, _, err := b.Get(t.Context(), key)
		check(t, "get "+key, err, bucket.ErrKey, "no file")
	}
	_, err = b.Put(t.Context(), "health/mon rapport.xlsx", bucket.Bytes(nil), bucket.Cond{})
	check(t, "put", err, bucket.ErrKey, "mon rapport")
	check(t, "delete", b.Delete(t.Context(), "health/mon rapport.xlsx"), bucket.ErrKey, "mon rapport")
	for o, err := range usual.List(t.Context(), "") {
		if err != nil || o.Key != "health/a.xlsx" {
			t.Errorf("the usual list: %+v, %v", o, err)
		}
	}
}

// A store that encodes the keys of a list as asked can name what XML cannot.
func TestEncodedKeys(t *testing.T) {
	credentials(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("encoding-type") != "url" {
			t.Errorf("asked %s", r.URL)
		}
		w.Header().Set("Content-Type", "application/xml")
		io.WriteString(w, "<ListBucketResult><EncodingType>url</EncodingType>"+
			"<Contents><Key>drop/%01.xlsx</Key><Size>1</Size></Contents><Contents><Key>drop/a+b%2B%20c%25.xlsx</Key><Size>1</Size></Contents>"+
			"<Contents><Key>drop/%D8%AA.xlsx</Key><Size>1</Size></Contents></ListBucketResult>")
	}))
	defer server.Close()
	b, err := s3bucket.Open(t.Context(), "s3://b/drop?endpoint="+server.URL, s3bucket.Options{AnyKey: true})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for o, err := range b.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, o.Key)
	}
	if want := []string{"\x01.xlsx", "a b+ c%.xlsx", "ت.xlsx"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
