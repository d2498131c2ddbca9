// Runs the query of docs/lineage.md with DuckDB over a plan's published Parquet
// files and computes the figures anew from the rows that it joins. Exit codes:
// 0 all equal, 1 a difference, 2 nothing to do.
//
//	node lineage.mjs DIR
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

const doc = readFileSync(new URL('../../docs/lineage.md', import.meta.url), 'utf8')
const query = /```sql\n([^]*?)```/.exec(doc)[1]

// What each method makes of the joined rows; the others rest on the same rows.
const anew = {
  mean_of_commitments: 'avg(progress_pct::DOUBLE)',
  minimum: 'min(progress_pct)::DOUBLE',
  maximum: 'max(progress_pct)::DOUBLE',
  median: 'median(progress_pct::DOUBLE)',
  count_of_commitments: 'count(*)::DOUBLE',
}

async function check(connection, dir) {
  const sql = query.replaceAll(/'(\w+\.parquet)'/g, (_, name) => `'${join(dir, name)}'`)
  let figures = 0
  let bad = 0
  for (const [method, expression] of Object.entries(anew)) {
    const reader = await connection.runAndReadAll(`
      WITH joined AS (${sql})
      SELECT reporting_period, scope, scope_code, measure, s.value::DOUBLE AS published,
             (SELECT ${expression} FROM joined j WHERE j.reporting_period = s.reporting_period AND j.scope = s.scope
                AND j.scope_code = s.scope_code AND j.measure = s.measure AND j.method = s.method) AS computed,
             s.n_missing::INTEGER AS missing,
             (SELECT count(*)::INTEGER FROM joined j WHERE j.reporting_period = s.reporting_period AND j.scope = s.scope
                AND j.scope_code = s.scope_code AND j.measure = s.measure AND j.method = s.method AND j.progress_pct IS NULL) AS without
      FROM '${join(dir, 'summary.parquet')}' s WHERE method = '${method}'`)
    for (const f of reader.getRowObjectsJS()) {
      figures++
      const nothing = f.published === null && f.computed === null
      const equal = nothing || (f.published !== null && f.computed !== null && Math.abs(f.published - f.computed) < 1e-9)
      if (equal && (method === 'count_of_commitments' || f.missing === f.without)) continue
      bad++
      console.error(`FAIL ${dir}: ${method} ${JSON.stringify(f)}`)
    }
  }
  console.log(`${bad ? 'FAIL' : 'ok  '} ${dir}: ${figures} figures computed anew from the rows that the documented query joins`)
  return { figures, bad }
}

const dir = process.argv[2]
if (!dir) {
  console.error('usage: node lineage.mjs DIR')
  process.exit(2)
}
const connection = await (await DuckDBInstance.create(':memory:')).connect()
let figures = 0
let bad = 0
for (const name of readdirSync(dir)) {
  if (!existsSync(join(dir, name, 'summary.parquet'))) continue
  const one = await check(connection, join(dir, name))
  figures += one.figures
  bad += one.bad
}
process.exitCode = bad ? 1 : figures ? 0 : 2
