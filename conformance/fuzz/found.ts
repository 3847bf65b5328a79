// What the fuzzer found: disagreements, shrunk, as lines of a case file that is run from then on.

import { appendFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Case } from '../case.ts'

export const FOUND_FILE: string = fileURLToPath(new URL('../cedar/found.jsonl', import.meta.url))

export function storeFound(found: Case, file: string = FOUND_FILE): void {
  appendFileSync(file, `${JSON.stringify(found)}\n`)
}
