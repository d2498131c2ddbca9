// Holds the published values of two folders against each other: those of the
// first were read from workbooks as they were sent, those of the second from the
// same workbooks after another program had written them anew. Only what names a
// file may differ. Exit codes: 0 the same, 1 a difference, 2 nothing compared.
//
//	node same.mjs DIR DIR
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

const TABLES = ['progress', 'milestones', 'evidence', 'summary', 'changes', 'obligations', 'data_quality']
const ofTheFile = /digest|change_id|submission|release|workbook|source_(cell|sheet|row)|^changed_by$/

function tables(dir) {
  const found = new Map()
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    const table = entry.name.replace(/\.json$/, '')
    if (!entry.isFile() || entry.name === table || !TABLES.includes(table)) continue
    const file = join(entry.parentPath ?? entry.path, entry.name)
    const rows = JSON.parse(readFileSync(file, 'utf8')).rows.map((row) =>
      JSON.stringify(Object.fromEntries(Object.entries(row).filter(([key]) => !ofTheFile.test(key)))),
    )
    found.set(relative(dir, file), rows.sort())
  }
  return found
}

const [want, got] = process.argv.slice(2).map(tables)
let rows = 0
let bad = 0
for (const [name, lines] of want) {
  const others = got.get(name) ?? []
  rows += lines.length
  for (let i = 0; i < Math.max(lines.length, others.length); i++) {
    if (lines[i] === others[i]) continue
    console.error(`${name}: as sent ${lines[i] ?? 'nothing'}\n${' '.repeat(name.length)}  written anew ${others[i] ?? 'nothing'}`)
    if (++bad === 5) break
  }
}
console.log(`${rows} rows of ${want.size} tables, ${bad ? 'differences' : 'the same'}`)
process.exitCode = bad ? 1 : rows ? 0 : 2
