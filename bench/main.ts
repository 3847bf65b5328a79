// `npm run bench -- [NAME ...] [--json FILE]`: runs ours and its peers in one process and prints times and ratios.

import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { benchDecide } from './decide/decide.ts'
import type { Row } from './harness.ts'
import { printTable } from './table.ts'

const BENCHES: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  decide: benchDecide,
}

const HELP = `usage: npm run bench -- [NAME ...] [--json FILE]

NAME is one of: ${Object.keys(BENCHES).join(', ')}; without a name all of them run.
A ratio is a subject's time over its peer's, both measured in this run. Below 1 the subject is faster.

  --json FILE  also writes the rows as JSON
  --help       prints this`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, help: { type: 'boolean', default: false } },
})
if (values.help) {
  console.log(HELP)
  process.exit(0)
}

const names = positionals.length === 0 ? Object.keys(BENCHES) : positionals
const rows: Row[] = []
for (const name of names) {
  const bench = BENCHES[name]
  if (bench === undefined) {
    console.error(`no benchmark named ${name}; there are: ${Object.keys(BENCHES).join(', ')}`)
    process.exit(1)
  }
  rows.push(...(await bench()))
}
printTable(rows)
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ rows }, null, 2)}\n`)
