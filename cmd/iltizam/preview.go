package main

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"iltizam/output/bucket"
	"iltizam/output/release"
)

func (a *app) previewCommand() *cobra.Command {
	addr := ""
	c := &cobra.Command{
		Use:   "preview",
		Short: "Show a published folder in a browser, on this machine only",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.configure()
			if err != nil {
				return err
			}
			if isS3(c.Bucket) {
				return usageError{hintf("open the bucket's public address", "preview %s: only folders are served", c.Bucket)}
			}
			return a.preview(cmd.Context(), c, addr)
		},
	}
	a.flags.publicPlace(c)
	c.Flags().StringVar(&addr, "addr", "127.0.0.1:8080", "loopback address to listen on; port 0 takes a free one")
	return c
}

func (a *app) preview(ctx context.Context, c config, addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return usageError{fmt.Errorf("preview: %w", err)}
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return usageError{hintf("use 127.0.0.1 or [::1]; a bucket is published by its store, not by preview", "preview: %s is not a loopback address", host)}
	}
	b, err := openBucket(ctx, c.Bucket)
	if err != nil {
		return fmt.Errorf("open bucket: %w", err)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("preview: %w", err)
	}
	a.say("http://%s/", l.Addr())
	server := &http.Server{Handler: previewHandler{b}, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("preview: %w", err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(stop); err != nil {
		return fmt.Errorf("preview: %w", err)
	}
	return nil
}

// previewHandler serves a bucket as a store would: types and cache rules from
// the key, ranges, entity tags. Only the list of files at / is its own.
type previewHandler struct{ b bucket.Bucket }

func (h previewHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
		return
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	key := strings.TrimPrefix(r.URL.Path, "/")
	if key == "" {
		h.index(w, r)
		return
	}
	if bucket.CheckKey(key) != nil {
		http.NotFound(w, r)
		return
	}
	body, o, err := h.b.Get(r.Context(), key)
	if errors.Is(err, bucket.ErrNotExist) {
		http.NotFound(w, r)
		return
	}
	if err != nil {
		http.Error(w, "the object cannot be read", http.StatusInternalServerError)
		return
	}
	defer body.Close()
	seeker, ok := body.(io.ReadSeeker)
	if !ok {
		http.Error(w, "the object cannot be read", http.StatusInternalServerError)
		return
	}
	mediaType, cache, disposition := bucket.Headers(key)
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Cache-Control", cache)
	if disposition != "" {
		w.Header().Set("Content-Disposition", disposition)
	}
	if o.ETag != "" {
		w.Header().Set("ETag", `"`+strings.Trim(o.ETag, `"`)+`"`)
	}
	http.ServeContent(w, r, path.Base(key), time.Time{}, seeker)
}

var indexPage = template.Must(template.New("index").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>iltizam preview</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}td{padding:.1rem .8rem .1rem 0}td.n{text-align:right;font-variant-numeric:tabular-nums}</style>
<h1>Release {{.Release}}</h1>
<p>As of {{.Inputs.AsOf}}. This list is the preview's own; the files are what is published.
<a href="head.json">head.json</a> · <a href="{{.ManifestKey}}">manifest.json</a></p>
<table>{{range .Files}}<tr><td><a href="{{.Key}}">{{.Path}}</a><td class="n">{{.Size}} bytes{{with .Rows}}<td class="n">{{.}} rows{{end}}{{end}}</table>
`))

func (h previewHandler) index(w http.ResponseWriter, r *http.Request) {
	head, _, err := release.Current(r.Context(), h.b)
	if err != nil || head == nil {
		http.Error(w, "no release was published here yet", http.StatusNotFound)
		return
	}
	m, err := release.Load(r.Context(), h.b, head)
	if err != nil {
		http.Error(w, "the manifest cannot be read", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = indexPage.Execute(w, struct { // a reader that went away is no failure
		*release.Manifest
		ManifestKey string
	}{m, release.ManifestKey(m.Release)})
}
