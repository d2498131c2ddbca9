// Proves that check.mjs can fail: breaks a copy of the table "sample" of DIR,
// which `go run ./tools/conformance/sample DIR` writes, in one place at a time.
//
//	node selftest.mjs DIR
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const edit = (file, from, to) => (dir) => {
  const path = join(dir, file)
  const before = readFileSync(path, 'utf8')
  if (!before.includes(from)) throw new Error(`${file} has no ${from}`)
  writeFileSync(path, before.replace(from, to))
}
const remove = (...names) => (dir) => names.forEach((n) => rmSync(join(dir, n)))
const flip = (file, at) => (dir) => {
  const bytes = readFileSync(join(dir, file))
  bytes[at < 0 ? bytes.length + at : at] ^= 0x55
  writeFileSync(join(dir, file), bytes)
}

// What is done, the exit code, what the complaint must hold.
const CASES = [
  ['nothing', () => {}, 0, ''],
  ['a text in the CSV', edit('sample.csv', '=1+1', "'=1+1"), 1, 'column text'],
  ['a null made an empty text', edit('sample.csv', 'row-0,0,""', 'row-0,0,'), 1, 'column text'],
  ['a digit of a decimal in the CSV', edit('sample.csv', '82.8181818181', '82.8181818182'), 1, 'column value'],
  ['a column name in the CSV', edit('sample.csv', 'count', 'counts'), 1, 'the header'],
  ['a row left out of the CSV', edit('sample.csv', 'z,-1,,,,,,-3,,,,,,,\r\n', ''), 1, 'rows'],
  ['a date in the JSON', edit('sample.json', '"day":"1899-12-30"', '"day":"1900-01-01"'), 1, 'column day'],
  ['a decimal in the JSON', edit('sample.json', '82.8181818181', '82.8181818182'), 1, 'column value'],
  ['a null in the JSON', edit('sample.json', '"code":null', '"code":""'), 1, 'column code'],
  ['a byte of a page in the Parquet file', flip('sample.parquet', 200), 1, 'sample'],
  ['a byte of the footer of the Parquet file', flip('sample.parquet', -3), 1, 'sample'],
  ['a format missing', remove('sample.json'), 1, 'no .json'],
  ['no table at all', remove('sample.csv', 'sample.json', 'sample.parquet'), 2, 'no table'],
]

const check = join(dirname(fileURLToPath(import.meta.url)), 'check.mjs')
let failed = 0
for (const [what, change, code, words] of CASES) {
  const dir = mkdtempSync(join(tmpdir(), 'conformance-'))
  for (const ext of ['csv', 'json', 'parquet']) cpSync(join(process.argv[2], `sample.${ext}`), join(dir, `sample.${ext}`))
  change(dir)
  const run = spawnSync(process.execPath, [check, dir], { encoding: 'utf8' })
  if (run.status !== code || !run.stderr.includes(words)) {
    failed++
    console.error(`FAIL ${what}: exit code ${run.status}, not ${code}, or no word of "${words}":\n${run.stderr}`)
  }
  rmSync(dir, { recursive: true })
}
console.log(`${CASES.length - failed} of ${CASES.length} cases as expected`)
process.exitCode = failed > 0 ? 1 : 0
