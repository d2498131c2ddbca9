// Readers that give a table as rows of texts, one text for one value whatever
// the engine: decimals with all digits of their scale, instants as milliseconds.
import { readFileSync, statSync } from 'node:fs'
import { DuckDBInstance } from '@duckdb/node-api'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'

const duckdb = await (await DuckDBInstance.create(':memory:')).connect()
await duckdb.run("SET TimeZone = 'UTC'")

const text = (s) => `'${s.replaceAll("'", "''")}'`
const name = (s) => `"${s.replaceAll('"', '""')}"`

async function query(sql) {
  return (await duckdb.runAndReadAll(sql)).getRowsJS()
}

/** The columns of a Parquet file as DuckDB sees them, for reading the other formats. */
export async function parquetColumns(path) {
  return (await query(`DESCRIBE SELECT * FROM read_parquet(${text(path)})`)).map(([name, type]) => ({
    name,
    type,
    scale: Number(/^DECIMAL\(\d+,(\d+)\)$/.exec(type)?.[1] ?? 0),
  }))
}

/** Reads one file of a table with DuckDB, typed as its Parquet file is. */
export async function readDuckDB(base, format, columns) {
  const path = text(`${base}.${format}`)
  const types = columns.map((c) => `${text(c.name)}: ${text(c.type)}`).join(', ')
  // DuckDB makes a binary64 of a JSON decimal before anything else, so that is what is compared.
  const fields = columns.map((c) => `${name(c.name)} ${isDecimal(c) ? 'DOUBLE' : c.type}`).join(', ')
  const from = {
    parquet: `read_parquet(${path})`,
    // Strict: the header must be the columns', an unquoted empty field is null, a quoted one "".
    csv: `read_csv(${path}, header = true, auto_detect = false, columns = {${types}}, delim = ',', quote = '"', escape = '"',
      nullstr = '', allow_quoted_nulls = false, strict_mode = true, max_line_size = 16777216)`,
    // The whole file is one object, so DuckDB's limit for an object must hold it.
    json: `(SELECT unnest(rows, max_depth := 2) FROM read_json(${path}, columns = {rows: 'STRUCT(${fields.replaceAll("'", "''")})[]'},
      maximum_object_size = ${statSync(`${base}.${format}`).size + 1024}))`,
  }[format]
  if (format === 'csv') checkHeader(`${base}.csv`, columns)
  const rows = await query(`SELECT ${columns.map((c) => asText(c, format)).join(', ')} FROM ${from}`)
  return rows.map((row) => row.map((v, i) => (typeof v === 'number' ? number(v) : columns[i].type === 'VARCHAR' && v !== null ? v.slice(1) : v)))
}

function asText({ name: n, type }, format) {
  if (type === 'DOUBLE' || (format === 'json' && isDecimal({ type }))) return name(n) // formatted here, so that all engines print alike
  if (type === 'VARCHAR') return `'|' || ${name(n)}` // the binding would drop a leading U+FEFF
  if (type.startsWith('TIMESTAMP')) return `CAST(epoch_ms(${name(n)}) AS VARCHAR)`
  return `CAST(${name(n)} AS VARCHAR)`
}

const isDecimal = ({ type }) => type.startsWith('DECIMAL')

const number = (v) => (Object.is(v, -0) ? '-0' : String(v))

// With its columns given, DuckDB skips the header without reading it.
function checkHeader(path, columns) {
  const want = columns.map((c) => c.name).join(',')
  const got = readFileSync(path).subarray(0, Buffer.byteLength(want) + 2).toString()
  if (got !== want + '\r\n') throw new Error(`the header is ${JSON.stringify(got)}, not ${want}`)
}

/** Reads a Parquet file with hyparquet, as a browser would. */
export async function readHyparquet(path, columns) {
  const file = await asyncBufferFromFile(path)
  const metadata = await parquetMetadataAsync(file)
  for (const element of metadata.schema) {
    // It would make a binary64 of a decimal; as a plain integer no digit is lost.
    if (element.converted_type === 'DECIMAL') {
      delete element.converted_type
      delete element.logical_type
    }
  }
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }) // its own drops a leading U+FEFF
  const rows = await parquetReadObjects({ file, metadata, compressors, parsers: { stringFromBytes: (b) => b && decoder.decode(b) } })
  return rows.map((row) => columns.map((c) => fromHyparquet(row[c.name], c)))
}

function fromHyparquet(v, { type, scale }) {
  if (v === null || v === undefined) return null
  if (v instanceof Date) return type === 'DATE' ? v.toISOString().slice(0, 10) : String(v.getTime())
  if (isDecimal({ type })) return decimal(BigInt(v), scale)
  return typeof v === 'number' ? number(v) : String(v)
}

function decimal(n, scale) {
  const digits = String(n < 0n ? -n : n).padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  return (n < 0n ? '-' : '') + whole + (scale > 0 ? '.' + digits.slice(-scale) : '')
}

/** Reads a JSON file with JSON.parse, as a browser would. */
export function readNode(path, columns) {
  const { rows } = JSON.parse(readFileSync(path, 'utf8'))
  return rows.map((row, i) => {
    if (Object.keys(row).join() !== columns.map((c) => c.name).join()) throw new Error(`the keys of row ${i + 1} are not the columns`)
    return columns.map((c) => fromNode(row[c.name], c))
  })
}

function fromNode(v, { type }) {
  if (v === null) return null
  if (type.startsWith('TIMESTAMP')) return String(Date.parse(v))
  return typeof v === 'number' ? number(v) : String(v)
}
