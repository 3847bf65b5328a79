// What the three workloads share: closing hierarchies, choosing requests, and reading the policies that came with them.

import { readFileSync } from 'node:fs'
import { type Policy, parsePolicies } from '@cardea/policy'
import { schemaToText } from '@cedar-policy/cedar-wasm/nodejs'
import { createSchemaReader } from '../../../conformance/schema.ts'
import type { CedarWorkload } from '../workload.ts'

/** Everything that `start` is in, through any number of steps, without itself. */
export function closure(start: Iterable<string>, parentsOf: (id: string) => readonly string[]): ReadonlySet<string> {
  const found = new Set<string>()
  const open = [...start].flatMap(parentsOf)
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue
    found.add(id)
    open.push(...parentsOf(id))
  }
  return found
}

/** Names as those benchmarks have them: `user-0`, `user-1`, ... */
export function names(kind: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${kind}-${at}`)
}

const REQUESTS = 64

/** Draws until half of the requests are allowed and half are not: drawn at random, most of them would be denied. */
export function balanced<T>(draw: () => T, isAllowed: (request: T) => boolean): T[] {
  const kept: T[] = []
  const left = { allowed: REQUESTS / 2, denied: REQUESTS / 2 }
  for (let tries = 0; kept.length < REQUESTS; tries += 1) {
    if (tries > REQUESTS * 10_000) throw new Error('the workload has hardly a request of one kind')
    const request = draw()
    const kind = isAllowed(request) ? 'allowed' : 'denied'
    if (left[kind] === 0) continue
    left[kind] -= 1
    kept.push(request)
  }
  return kept
}

const readSchema = createSchemaReader()

/** Policies and schema of a folder here. */
export function readSources(folder: string): Pick<CedarWorkload, 'policies' | 'schema' | 'links'> {
  const text = (file: string): string => readFileSync(new URL(`${folder}/${file}`, import.meta.url), 'utf8')
  const policies = text('policies.cedar')
  const schema = schemaToText(JSON.parse(text('schema.json')))
  if (schema.type === 'failure') throw new Error(schema.errors.map(({ message }) => message).join('; '))
  const parsed = parsePolicies(policies)
  if (parsed.problems.length > 0) throw new Error(parsed.problems.map(({ message }) => message).join('; '))
  return {
    schema: readSchema(schema.text),
    policies: parsed.policies.map(({ id, span }: Policy) => ({
      id,
      text: policies.slice(span.start, span.end),
      isTemplate: false,
    })),
    links: [],
  }
}
