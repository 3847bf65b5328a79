// The YAML test matrix: who, in which context, on what, and what each action must answer.
//
//   principals: { ann: { uid: 'User::"ann"', attributes: {...}, parents: [...], grants: [{ template: viewer, resource: ... }] } }
//   resources:  { plan: { uid: 'Document::"plan"', attributes: {...}, parents: [...] } }
//   contexts:   { office: { ip: 10.1.2.3 } }
//   tests:
//     - { as: ann, in: office, on: plan, expect: { view: allow because owner-manages, delete: deny } }

import { type EntityUid, parseEntityUid } from '@cardea/policy'
import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { TestkitError } from '../errors.ts'

const uid = z.string().transform((text, context): EntityUid => {
  const parsed = parseEntityUid(text)
  if (parsed !== undefined) return parsed
  context.addIssue(`\`${text}\` is not an entity; write Type::"id"`)
  return z.NEVER
})

const attributes = z.record(z.string(), z.unknown()).default({})

const expectation = z.string().transform((text, context): Expectation => {
  const match = /^(allow|deny)(?:\s+because\s+(\S+))?$/.exec(text.trim())
  if (match !== null) return { decision: match[1] === 'allow' ? 'allow' : 'deny', because: match[2] }
  context.addIssue(`\`${text}\` is neither \`allow\` nor \`deny\`, with or without \`because POLICY\``)
  return z.NEVER
})

const grant = z.strictObject({ template: z.string(), resource: uid, until: z.string().optional() })

const matrixShape = z.strictObject({
  principals: z.record(
    z.string(),
    z.strictObject({ uid, attributes, parents: z.array(uid).default([]), grants: z.array(grant).default([]) }),
  ),
  resources: z.record(z.string(), z.strictObject({ uid, attributes, parents: z.array(uid).default([]) })),
  contexts: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  tests: z
    .array(
      z.strictObject({
        name: z.string().optional(),
        as: z.string(),
        /** One context, or several of which later ones win. */
        in: z.union([z.string(), z.array(z.string())]).default([]),
        on: z.string(),
        expect: z.record(z.string(), expectation),
      }),
    )
    .min(1),
})

export interface Expectation {
  readonly decision: 'allow' | 'deny'
  /** The policy that must be among the determining ones. */
  readonly because: string | undefined
}

export type Matrix = z.output<typeof matrixShape>
export type MatrixTest = Matrix['tests'][number]

/** Reads a matrix; every message has the place. @throws TestkitError ERR_TESTKIT_MATRIX */
export function parseMatrix(text: string, file: string): Matrix {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, schema: 'core' })
  const [error] = document.errors
  if (error !== undefined) throw new TestkitError('ERR_TESTKIT_MATRIX', `${file}: ${error.message.split('\n')[0]}`)
  const result = matrixShape.safeParse(document.toJS())
  if (result.success) return result.data
  const [issue] = result.error.issues
  const path = issue?.path.filter((key) => typeof key !== 'symbol') ?? []
  const node: unknown = document.getIn(path, true)
  const offset = rangeStart(node)
  const place = offset === undefined ? file : `${file}:${lines.linePos(offset).line}:${lines.linePos(offset).col}`
  throw new TestkitError('ERR_TESTKIT_MATRIX', `${place}: ${path.join('.')}: ${issue?.message ?? 'wrong shape'}`)
}

function rangeStart(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node)) return undefined
  const { range } = node
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : undefined
}
