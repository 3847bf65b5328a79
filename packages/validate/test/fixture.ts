// One validator for a test file, and the problems of sources as short texts.

import type { Problem } from '@cardea/policy'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { afterAll } from 'vitest'
import { createValidator, type Validator } from '../src/index.ts'

/** A validator that is closed after the file's tests. */
export function sharedValidator(): Validator {
  const validator = createValidator()
  afterAll(() => validator.close())
  return validator
}

/** The code of each problem, with the text at its place. */
export function spots(problems: readonly Problem[], texts: { readonly [file: string]: string }): readonly string[] {
  return problems.map(({ code, span }) => {
    const text = span === undefined ? '' : (texts[span.file] ?? '').slice(span.start, span.end)
    return `${code} ${text}`
  })
}

export interface PublishedCase {
  readonly id: string
  readonly policy: string
  readonly schema: string
  readonly shouldValidate: boolean
}

/** Every n-th of the published cases, beginning with one that the seed picks. */
export function publishedCases(every: number, seed: number): readonly PublishedCase[] {
  const file = new URL('../../../conformance/cedar/cases.jsonl.gz', import.meta.url)
  const lines = gunzipSync(readFileSync(file)).toString().trim().split('\n')
  return lines.filter((_, index) => index % every === seed % every).map((line): PublishedCase => JSON.parse(line))
}
