// A guard whose actions a stock OPA decides, over REST and in WebAssembly: the two packages together, with real tokens and a real OPA.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRestDecider, createWasmDecider } from '@cardea/opa'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { Document, documentNamed } from '../../guard/test/support/documents.ts'
import { ANN, BOB, createWorld, type Person, requestWith, STRANGER, tokenFor } from '../../guard/test/support/world.ts'
import { runCommand } from '../../../tools/command.ts'
import { requireOpa, startOpa } from '../../../tools/opa.ts'

vi.setConfig({ testTimeout: 60_000 })

/** Grants count, ownership does not: otherwise than the policies. */
const REGO = `package documents

import rego.v1

default allow := {"allow": false, "reasons": ["no-grant"]}

allow := {"allow": true, "reasons": ["granted"]} if {
	some link in input.links
	link.template == "viewer"
	link.resource == input.resource
	input.action.id == "view"
}
`

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cardea-guard-opa-'))
  await writeFile(join(folder, 'documents.rego'), REGO)
})
afterAll(() => rm(folder, { recursive: true }))

const plan = Document(documentNamed('plan'))
const grants = [{ template: 'viewer', resource: plan.entity.uid }]

/** Who asks; what comes out alone, and together with the policies. */
const rows: readonly [Person, readonly string[], readonly string[]][] = [
  [{ ...BOB, grants }, ['allow', 'permit'], ['allow', 'permit']],
  [BOB, ['deny', 'decider_denied'], ['deny', 'no_permit']],
  [ANN, ['deny', 'decider_denied'], ['deny', 'decider_denied']],
  [{ ...STRANGER, grants }, ['allow', 'permit'], ['deny', 'forbid']],
]

test('over REST, and denied when it is gone', async ({ skip }) => {
  const command = await requireOpa(skip)
  const opa = await startOpa({ command, args: [join(folder, 'documents.rego')] })
  try {
    const decider = createRestDecider({ url: opa.url, path: 'documents/allow', timeoutMs: 10_000 })
    for (const [person, alone, together] of rows) {
      for (const mode of ['alone', 'together'] as const) {
        const { guard, events } = await createWorld({ deciders: { view: { decider, mode } } })
        const auth = await guard.authenticate(requestWith(await tokenFor(person)))
        const { decision, reason } = await auth.askDecision('view', plan)
        expect([decision, reason]).toEqual(mode === 'alone' ? alone : together)
        expect(events.at(-1)?.decider).toMatch(new RegExp(`^${mode} (?:allow permit|deny no-permit)$`))
      }
    }
    await opa.stop()
    const { guard, events } = await createWorld({ deciders: { view: { decider, mode: 'together' } } })
    const auth = await guard.authenticate(requestWith(await tokenFor(ANN)))
    await expect(auth.ask('view', plan)).rejects.toMatchObject({ reason: 'decider_failed', status: 404 })
    expect(events.at(-1)).toMatchObject({ code: 'ERR_OPA_UNREACHABLE' })
  } finally {
    await opa.stop()
  }
})

test('in WebAssembly, at once', async ({ skip }) => {
  const command = await requireOpa(skip)
  const build = ['build', '-t', 'wasm', '-e', 'documents/allow', 'documents.rego', '-o', 'b.tar.gz']
  expect(await runCommand(command, build, folder)).toMatchObject({ code: 0 })
  const decider = await createWasmDecider({ bundle: await readFile(join(folder, 'b.tar.gz')) })
  for (const [person, alone, together] of rows) {
    for (const mode of ['alone', 'together'] as const) {
      const { guard } = await createWorld({ deciders: { view: { decider, mode } } })
      const auth = await guard.authenticate(requestWith(await tokenFor(person)))
      const expected = mode === 'alone' ? alone : together
      const { decision, reason } = auth.decide('view', plan)
      expect([decision, reason]).toEqual(expected)
      expect(auth.can('view', plan)).toBe(expected[0] === 'allow')
    }
  }
})
