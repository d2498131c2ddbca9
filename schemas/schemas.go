// Package schemas carries the contract of the published data as files.
package schemas

import "embed"

// FS holds the JSON Schemas, the table descriptors, the code lists, the
// messages, the workbook layout, the OGP mapping, the plans under plans/.
//
//go:embed *.json tables codelists messages layouts ogp plans
var FS embed.FS
