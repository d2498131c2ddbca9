// Reads every table of a folder of published files with other people's engines
// (DuckDB for CSV, JSON and Parquet, hyparquet for Parquet, Node for JSON) and
// compares the cells. Exit codes: 0 all equal, 1 a difference, 2 nothing to do.
//
//	node check.mjs DIR
import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parquetColumns, readDuckDB, readHyparquet, readNode } from './engines.mjs'

const FORMATS = ['csv', 'json', 'parquet']
const SHOWN = 5 // differences of one table that are printed

/** The tables of a tree: base name -> the formats that are there. */
function tables(dir) {
  const found = new Map()
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    const match = /^([^.]+)\.(csv|json|parquet)$/.exec(entry.name) // a .schema.json is no table
    if (!entry.isFile() || !match) continue
    const base = join(entry.parentPath ?? entry.path, match[1])
    found.set(base, [...(found.get(base) ?? []), match[2]])
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/**
 * What differs between two lists of rows of texts, a few at most. A column that
 * the engine is known to keep as binary64 is compared as such: exact for up to
 * 15 digits, and that the digits beyond are in the file, CSV and Parquet show.
 */
function differences(columns, wantName, want, gotName, got, isRounded) {
  const out = []
  if (want.length !== got.length) out.push(`${wantName} has ${want.length} rows, ${gotName} ${got.length}`)
  for (let r = 0; r < Math.min(want.length, got.length) && out.length < SHOWN; r++) {
    for (let c = 0; c < columns.length; c++) {
      if (want[r][c] === got[r][c]) continue
      if (isRounded(columns[c]) && want[r][c] !== null && got[r][c] !== null && Number(want[r][c]) === Number(got[r][c])) continue
      out.push(`row ${r + 1}, column ${columns[c].name}: ${wantName} ${show(want[r][c])}, ${gotName} ${show(got[r][c])}`)
    }
  }
  return out.slice(0, SHOWN)
}

const show = (v) => (v === null ? 'null' : JSON.stringify(v.length > 60 ? v.slice(0, 60) + '…' : v))

/** Reads one table in every way and gives what is wrong. */
async function checkTable(base) {
  const columns = await parquetColumns(`${base}.parquet`)
  const want = await readDuckDB(base, 'parquet', columns)
  const problems = []
  const never = () => false
  const fractions = ({ type }) => type.startsWith('DECIMAL') || type === 'DOUBLE' // it also reads -0 as 0
  const numbers = ({ type }) => type.startsWith('DECIMAL') || type === 'BIGINT'
  for (const [name, isRounded, read] of [
    ['DuckDB csv', never, () => readDuckDB(base, 'csv', columns)],
    ['DuckDB json', fractions, () => readDuckDB(base, 'json', columns)],
    ['hyparquet', never, () => readHyparquet(`${base}.parquet`, columns)],
    ['Node json', numbers, () => readNode(`${base}.json`, columns)],
  ]) {
    try {
      problems.push(...differences(columns, 'DuckDB parquet', want, name, await read(), isRounded))
    } catch (err) {
      problems.push(`${name}: ${err.message}`)
    }
  }
  return { rows: want.length, columns: columns.length, problems }
}

async function main(dir) {
  let compared = 0
  let bad = 0
  const report = (base, problems) => {
    bad++
    for (const p of problems) console.error(`FAIL ${relative(dir, base)}: ${p}`)
  }
  for (const [base, formats] of tables(dir)) {
    if (!formats.includes('parquet')) continue // a list, a catalogue: no table in three formats
    const missing = FORMATS.filter((f) => !formats.includes(f))
    if (missing.length > 0) {
      report(base, [`there is no .${missing.join(', no .')} of it`])
      continue
    }
    try {
      const { rows, columns, problems } = await checkTable(base)
      compared++
      if (problems.length > 0) report(base, problems)
      else console.log(`ok   ${relative(dir, base)}: ${rows} rows of ${columns} columns, the same for every engine`)
    } catch (err) {
      report(base, [err.message])
    }
  }
  if (bad > 0) return 1
  if (compared > 0) return 0
  console.error(`no table in the formats ${FORMATS.join(', ')} under ${dir}`)
  return 2
}

if (process.argv.length !== 3) {
  console.error('usage: node check.mjs DIR')
  process.exitCode = 2
} else {
  process.exitCode = await main(process.argv[2])
}
