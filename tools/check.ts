// `npm run check [-- GATE ...]`: every gate that a change must pass, each with how much it looked at.

import { resolve } from 'node:path'
import { dependencies } from './gate/dependencies.ts'
import { documents } from './gate/documents.ts'
import { format } from './gate/format.ts'
import { type Gate, passes } from './gate/gate.ts'
import { layers } from './gate/layers.ts'
import { lint } from './gate/lint.ts'
import { packages } from './gate/packages.ts'
import { types } from './gate/types.ts'

const GATES: readonly Gate[] = [format, lint, types, layers, dependencies, documents, packages]

const root = resolve(import.meta.dirname, '..')
const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !GATES.some((gate) => gate.name === name))
if (unknown.length > 0) {
  console.error(`no gate named ${unknown.join(', ')}; there are: ${GATES.map((gate) => gate.name).join(', ')}`)
  process.exit(1)
}

let failed = 0
for (const gate of GATES) {
  if (asked.length > 0 && !asked.includes(gate.name)) continue
  const started = performance.now()
  const result = await gate.run(root)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const ok = passes(result)
  console.log(
    `${ok ? 'ok  ' : 'FAIL'} ${gate.name.padEnd(12)} looked at ${String(result.looked).padStart(5)}  ${seconds} s`,
  )
  for (const finding of result.findings) console.log(finding)
  if (!ok) failed += 1
}
process.exit(failed === 0 ? 0 : 1)
