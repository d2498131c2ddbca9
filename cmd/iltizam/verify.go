package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"iltizam/output/release"
)

func (a *app) verifyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "verify",
		Short: "Check that the published release is whole, byte by byte",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.configure()
			if err != nil {
				return err
			}
			b, err := openBucket(cmd.Context(), c.Bucket)
			if err != nil {
				return fmt.Errorf("open bucket: %w", err)
			}
			r, err := release.Verify(cmd.Context(), b)
			if err != nil {
				return fmt.Errorf("verify %s: %w", c.Bucket, err)
			}
			a.say("release    %s, generation %d", r.Release, r.Generation)
			a.say("checked    %s, %s (%s), %d copies under latest/", plural(r.Files, "file"), plural(r.Objects, "object"), size(r.Bytes), r.Aliases)
			for _, p := range r.Problems {
				a.say("damaged    %s: %s", p.Key, p.Reason)
			}
			for _, p := range r.Warnings {
				a.say("behind     %s: %s", p.Key, p.Reason)
			}
			if err := r.Err(); err != nil {
				return hinted{fmt.Errorf("verify %s: %s of the release damaged or missing", c.Bucket, plural(len(r.Problems), "object")),
					"restore the objects named above, or publish into an empty bucket"}
			}
			a.say("verified   every file is there, with the size and SHA-256 that the manifest says")
			return nil
		},
	}
	a.flags.publicPlace(c)
	return c
}
