// A guard in a process of its own, with an authority at its side: what it takes it to meet a token, to meet it again, and to decide
// by it.

import { type Auth, createGuard } from '@cardea/guard'
import { createLocalKeys } from '@cardea/token'
import { Document, rowOf, schema } from '../authority/documents.ts'
import type { Started } from '../authority/serve-ours.ts'
import { AUDIENCE, CLIENTS, ISSUER } from '../authority/world.ts'
import { measure, type MeasureOptions } from '../harness.ts'
import { answerQuestions, childArgument } from '../process.ts'

/** A token that the guard has not met, and documents that it can be asked about. */
export interface Meeting {
  readonly token: string
  /** That its caller may see. */
  readonly granted: readonly string[]
  /** That he may not. */
  readonly others: readonly string[]
}

/** Nanoseconds. */
export interface First {
  readonly authentication: number
  readonly decision: number
}

export interface Again {
  readonly meetings: readonly Meeting[]
  readonly measuring: MeasureOptions
}

const { url, bundleKeys } = childArgument() as Started
const guard = await createGuard({
  schema,
  authority: ISSUER,
  audience: AUDIENCE,
  client: CLIENTS.guard,
  bundleKeys: createLocalKeys(bundleKeys),
  // the authority listens where there was room
  fetch: (input, init) => fetch(String(input instanceof Request ? input.url : input).replace(ISSUER, url), init),
  log: { info: () => {}, warn: () => {}, error: () => {} },
})

async function authenticate(token: string): Promise<Auth<typeof schema>> {
  return guard.authenticate({ method: 'GET', url: '/documents', headers: { authorization: `Bearer ${token}` } })
}

/** The first request with a token, and the first question in it. */
async function first({ token, granted: [document = ''] }: Meeting): Promise<First> {
  const asked = Document(rowOf(document))
  const began = process.hrtime.bigint()
  const auth = await authenticate(token)
  const entered = process.hrtime.bigint()
  const answer = auth.can('view', asked)
  const ended = process.hrtime.bigint()
  if (!answer) throw new Error('a document that was granted is denied')
  return { authentication: Number(entered - began), decision: Number(ended - entered) }
}

/** The same with tokens that it knows: medians. */
async function again({ meetings, measuring }: Again): Promise<First> {
  const questions = await Promise.all(meetings.map(questionsOf))
  const all = questions.flat()
  for (const { auth, document, expected } of all) {
    if (auth.can('view', document) !== expected) throw new Error('a decision is not what was granted')
  }
  const medians = await measure(
    [
      {
        name: 'authentication',
        cases: meetings.length,
        runAsync: async (index) => (await authenticate(meetings[index]?.token ?? '')).tokenId !== undefined,
      },
      {
        name: 'decision',
        cases: all.length,
        run(index) {
          const question = all[index]
          return question?.auth.can('view', question.document) === true
        },
      },
    ],
    measuring,
  )
  return {
    authentication: medians.get('authentication') ?? Number.NaN,
    decision: medians.get('decision') ?? Number.NaN,
  }
}

interface Asked {
  readonly auth: Auth<typeof schema>
  readonly document: ReturnType<typeof Document>
  readonly expected: boolean
}

async function questionsOf({ token, granted, others }: Meeting): Promise<Asked[]> {
  const auth = await authenticate(token)
  const about = (ids: readonly string[], expected: boolean): Asked[] =>
    ids.map((id) => ({ auth, document: Document(rowOf(id)), expected }))
  return [...about(granted, true), ...about(others, false)]
}

answerQuestions({ first, again }, () => guard.close())
