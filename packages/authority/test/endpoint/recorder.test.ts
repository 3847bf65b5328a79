// The recorder of a guard against the real endpoint: nothing is lost and nothing counts twice, whichever side is started anew.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRecorder, createSpool, type DecisionReport, type FeedError, type Recorder } from '@cardea/feed'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createWorld, ISSUER, type World } from '../fixture.ts'

const KEY = Buffer.alloc(32, 7).toString('base64url')
const report: DecisionReport = {
  decision: 'allow',
  reason: 'permit',
  action: 'view',
  principal: 'User::"ann"',
  tenant: 'acme',
  policies: [],
  checkpoint: 'resource',
  correlation: 'c',
}

let folder: string
let world: World
let errors: FeedError[]
/** Whether the answer to a batch arrives. */
let isHeard: boolean
const open: Recorder[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cardea-recorder-'))
  errors = []
  isHeard = true
  world = await createWorld({ store: join(folder, 'authority.db'), key: KEY })
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((recorder) => recorder.close()))
  await world.authority.close()
  rmSync(folder, { recursive: true })
})

function start(name: string): Recorder {
  const onError = (error: FeedError): unknown => errors.push(error)
  const recorder = createRecorder({
    url: ISSUER,
    credentials: () => world.own('docs'),
    service: 'documents',
    start: name,
    fetch: async (input, init) => {
      const response = await world.authority.app.request(input instanceof URL ? input.href : input, init)
      if (!isHeard) throw new TypeError('connection reset')
      return response
    },
    spool: createSpool({ file: join(folder, 'decisions.jsonl'), onError }),
    onError,
  })
  open.push(recorder)
  return recorder
}

async function restart(): Promise<void> {
  await world.authority.close()
  world = await createWorld({ store: join(folder, 'authority.db'), key: KEY, publish: false })
}

async function kept(): Promise<readonly string[]> {
  const answer: Response = await world.api('auditor', 'GET', '/v1/log?limit=1000')
  const { records } = (await answer.json()) as { records: { sender: string; id: string }[] }
  return records.flatMap(({ sender, id }) => (sender === 'docs' ? id : [])).toSorted()
}

test('an authority that is started anew before its answer arrived has each once', async () => {
  const recorder = start('a')
  recorder.record(report)
  recorder.record(report, 'spill')
  recorder.keep(report)
  isHeard = false
  expect(await recorder.flush()).toBe(false)
  isHeard = true
  await restart()
  recorder.record(report)
  expect(await recorder.flush()).toBe(true)
  expect(await kept()).toEqual(['a.1', 'a.2', 'a.3', 'a.4'])
  expect(recorder.lost).toBe(0)
})

test('both sides started anew: what waited in the file is there once, beside that of the next start', async () => {
  const first = start('a')
  isHeard = false
  for (let index = 0; index < 5; index += 1) first.record(report, 'spill')
  await first.close()
  isHeard = true
  await restart()
  const second = start('b')
  second.record(report)
  expect(await second.flush()).toBe(true)
  expect(await kept()).toEqual(['a.1', 'a.2', 'a.3', 'a.4', 'a.5', 'b.1'])
})

test('texts without end, floods and losses are taken as they are made', async () => {
  const recorder = start('a')
  recorder.record({ ...report, resource: `Document::"${'x'.repeat(5000)}"`, tokenId: 'a\nb' })
  recorder.record({ ...report, policies: Array.from({ length: 300 }, (_, index) => `p${index}`) })
  for (let index = 0; index < 50; index += 1) recorder.record({ ...report, decision: 'deny', reason: 'no_permit' })
  await recorder.close()
  expect(await kept()).toHaveLength(13)
  expect(errors).toEqual([])
  expect(recorder.lost).toBe(0)
})
