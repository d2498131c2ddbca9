package main

import (
	"runtime/debug"

	"github.com/spf13/cobra"

	"iltizam/output"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which program this is",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			version, revision, goVersion := "development", "", ""
			if info, ok := debug.ReadBuildInfo(); ok {
				goVersion = info.GoVersion
				if v := info.Main.Version; v != "" && v != "(devel)" {
					version = v
				}
				for _, s := range info.Settings {
					if s.Key == "vcs.revision" {
						revision = ", revision " + s.Value
					}
				}
			}
			a.say("iltizam %s%s, release format %s, %s", version, revision, output.FormatVersion, goVersion)
			return nil
		},
	}
}
