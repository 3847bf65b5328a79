// `actions`: which of the four actions may the caller do on a document? `allowedActions` in one pass against `decide` one by one, with
// both evaluators, on the pairs of the reference workload. One case is the whole question.

import {
  allowedActions,
  compileProgram,
  createSchema,
  decide,
  type EntityUid,
  parsePolicies,
  type Request,
} from '@cardea/policy'
import { codegen } from '@cardea/policy/codegen'
import { requestsOf } from '../decide/ours.ts'
import { cedarOf } from '../decide/reference/cedar.ts'
import { ACTIONS, referenceOf } from '../decide/reference/reference.ts'
import type { CedarWorkload } from '../decide/workload.ts'
import { measure, type MeasureOptions, type Subject } from '../harness.ts'
import { type Results, type Row, rowsOf } from '../report.ts'

const SIZES = [10, 1000] as const
const ASKED: readonly EntityUid[] = ACTIONS.map((id) => ({ kind: 'entity', type: 'Action', id }))

export async function benchActions({ measuring }: { readonly measuring: MeasureOptions }): Promise<Results> {
  const rows: Row[] = []
  for (const size of SIZES) {
    const subjects = subjectsOf(cedarOf(referenceOf(size)))
    rows.push(...rowsOf('actions', 'reference', size, await measure(subjects, measuring)))
  }
  return { rows }
}

function subjectsOf(workload: CedarWorkload): Subject[] {
  const schema = createSchema(workload.schema)
  const { policies } = parsePolicies(workload.policies.map(({ text }) => text).join('\n'))
  const requests = requestsOf(workload, schema)
  return [{}, { evaluator: codegen }].flatMap((options) => {
    const program = compileProgram(policies, { schema, ...options })
    const inOnePass = (request: Request): EntityUid[] => allowedActions(program, { ...request, actions: ASKED })
    const oneByOne = (request: Request): EntityUid[] =>
      ASKED.filter((action) => decide(program, { ...request, action }).decision === 'allow')
    for (const request of requests) {
      if (
        inOnePass(request)
          .map(({ id }) => id)
          .join() !==
        oneByOne(request)
          .map(({ id }) => id)
          .join()
      )
        throw new Error('the answers differ')
    }
    const name = 'evaluator' in options ? 'codegen' : 'closures'
    return [subjectOf(`${name} in one pass`, inOnePass, requests), subjectOf(`${name} one by one`, oneByOne, requests)]
  })
}

function subjectOf(name: string, ask: (request: Request) => EntityUid[], requests: readonly Request[]): Subject {
  return {
    name,
    cases: requests.length,
    run(index) {
      const request = requests[index]
      return request !== undefined && ask(request).length > 0
    },
  }
}
