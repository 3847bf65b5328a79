// Links, which Cedar knows without an end: a link with one must count exactly while it lasts, and a caller's own links as the program's.
// What counts is said here once more, in three lines, and the decision compared with that on the links that are left.

import {
  createLinks,
  decide,
  evaluateResidual,
  type Program,
  type Request,
  residual,
  type TemplateLink,
  unknownEntity,
} from '@cardea/policy'
import type { Case } from '../../../conformance/case.ts'
import { EVALUATORS, prepareCase, readRequest } from '../../../conformance/engine.ts'
import { createSchemaReader } from '../../../conformance/schema.ts'
import type { Check } from './check.ts'

const NOW = 1_700_000_000
const ENDS = [undefined, NOW - 1, NOW, NOW + 1]
const CLOCKS = [NOW, undefined, Number.NaN]

export const links: Check = {
  name: 'links',
  run({ scenarios }) {
    const readSchema = createSchemaReader()
    for (const item of scenarios.filter(({ links }) => links !== undefined)) {
      const failure = failureOf(item, readSchema)
      if (failure !== undefined) return `${item.id}: ${failure}`
    }
    return undefined
  },
}

function failureOf(item: Case, readSchema: ReturnType<typeof createSchemaReader>): string | undefined {
  const prepared = prepareCase(item, readSchema)
  const { policies, effectOf, schema } = prepared
  for (const { name, compile } of EVALUATORS) {
    const program = (links: readonly TemplateLink[]): Program =>
      compile(policies, { links, ...(schema === undefined ? {} : { schema }) })
    const plain = prepared.judges[0]?.program().links.all ?? []
    const ending = plain.map((link, index) => withEnd(link, ENDS[index % ENDS.length]))
    for (const nowSeconds of CLOCKS) {
      const left = plain.filter(({ template }, index) => {
        const end = ending[index]?.untilSeconds
        if (end === undefined) return true
        return nowSeconds === undefined ? effectOf(template) === 'forbid' : end > nowSeconds
      })
      const [withLeft, withEnding, bare] = [program(left), program(ending), program([])]
      // of a caller's own links those that fill other slots than their template say nothing
      const own = createLinks([...ending, ...plain.flatMap(misfits)])
      for (const question of item.requests.slice(0, 8)) {
        const request = readRequest(prepared, question)
        const expected = show(withLeft, request)
        const answers = [
          show(withEnding, { ...request, nowSeconds }),
          ...again(5, () => show(bare, { ...request, nowSeconds, links: own })),
        ]
        const left = residualDecision(bare, { ...request, nowSeconds, links: own })
        if (!expected.startsWith(left))
          return `${name}: the residual says ${left}, deciding ${expected} at ${nowSeconds}`
        const wrong = answers.find((answer) => answer !== expected)
        if (wrong !== undefined) return `${name}: expected ${expected}, got ${wrong} at ${nowSeconds}`
      }
    }
  }
  return undefined
}

function misfits(link: TemplateLink): readonly TemplateLink[] {
  const { id, template, principal, resource } = link
  const other = principal ?? resource
  const without = { id: `${id} misfit`, template }
  if (other === undefined) return []
  if (principal !== undefined && resource !== undefined)
    return [
      { ...without, principal },
      { ...without, resource },
    ]
  return [{ ...without, principal: other, resource: other }]
}

function withEnd(link: TemplateLink, untilSeconds: number | undefined): TemplateLink {
  return untilSeconds === undefined ? link : { ...link, untilSeconds }
}

/** A caller who comes back is answered from what was remembered. */
function again(times: number, ask: () => string): readonly string[] {
  return Array.from({ length: times }, ask)
}

function residualDecision(program: Program, request: Request): string {
  const { resource, entities } = request
  const left = residual(program, { ...request, resource: unknownEntity(resource.type) })
  return evaluateResidual(left, { resource, entities }).decision
}

function show(program: Program, request: Request): string {
  const { decision, determining, errors } = decide(program, request)
  const erring = errors.map(({ policy }) => policy)
  return `${decision} [${determining.toSorted().join()}] [${erring.toSorted().join()}]`
}
