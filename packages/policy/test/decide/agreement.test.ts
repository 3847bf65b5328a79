// The engine against Cedar's own: the published cases, and generated policies with templates and links.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import * as cedar from '@cedar-policy/cedar-wasm/nodejs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileProgram } from '../../src/compile/program.ts'
import type { ForbidErrors } from '../../src/compile/program.ts'
import { decide } from '../../src/decide/decide.ts'
import { createEntities } from '../../src/entity/entities.ts'
import { parseEntitiesJson } from '../../src/entity/entities-json.ts'
import { entityUidFromJson, valueFromJson, valueToJson } from '../../src/value/json.ts'
import { evaluateResidual } from '../../src/residual/evaluate.ts'
import { unknownEntity } from '../../src/residual/request.ts'
import { residual } from '../../src/residual/residual.ts'
import { parsePolicies } from '../../src/syntax/parse-policies.ts'
import { printPolicy } from '../../src/print/print-policy.ts'
import type { EntityUid, Value } from '../../src/value/value.ts'
import { ACTIONS, ANN, CONTEXTS, ENTITIES, INPUTS, RESOURCES } from '../generate/universe.ts'
import { universes } from '../generate/universe-policies.ts'
import type { Universe } from '../generate/universe-policies.ts'

interface Case {
  readonly id: string
  readonly policy: string
  readonly entities: unknown
  readonly requests: readonly {
    readonly principal: unknown
    readonly action: unknown
    readonly resource: unknown
    readonly context: unknown
    readonly decision: string
    readonly reason: readonly string[]
    readonly errors: readonly string[]
  }[]
}

const CASES: readonly Case[] = gunzipSync(
  readFileSync(new URL('../../../../conformance/cedar/cases.jsonl.gz', import.meta.url)),
)
  .toString()
  .trim()
  .split('\n')
  .map((line): Case => JSON.parse(line))

function contextOf(json: unknown): ReadonlyMap<string, Value> {
  const value = valueFromJson(json)
  if (typeof value !== 'object' || value.kind !== 'record') throw new Error('a context is a record')
  return value.fields
}

describe('the published cases', () => {
  it('have 4688 of them', () => expect(CASES).toHaveLength(4688))

  it.each(['skip', 'deny'] as const)(
    'are decided as published, and so are their residuals (%s)',
    (forbidErrors: ForbidErrors) => {
      const wrong: string[] = []
      let residuals = 0
      for (const { id, policy, entities: json, requests } of CASES) {
        const { policies } = parsePolicies(policy, { ids: 'position' })
        const program = compileProgram(policies, { forbidErrors })
        const entities = createEntities(parseEntitiesJson(json))
        for (const [at, { decision, reason, errors, ...parts }] of requests.entries()) {
          const request = {
            principal: entityUidFromJson(parts.principal),
            action: entityUidFromJson(parts.action),
            resource: entityUidFromJson(parts.resource),
            context: contextOf(parts.context),
            entities,
          }
          const actual = decide(program, request)
          const ours = [actual.decision, actual.determining, actual.errors.map((error) => error.policy)]
          if (forbidErrors === 'skip' && JSON.stringify(ours) !== JSON.stringify([decision, reason, errors])) {
            wrong.push(`${id}[${at}]`)
          }
          const { principal, resource } = request
          const resourceEntity = entities.get(resource)
          if (resourceEntity === undefined) continue
          const known = {
            get: (uid: EntityUid) =>
              uid.type === resource.type && uid.id !== principal.id ? undefined : entities.get(uid),
          }
          const left = residual(program, { ...request, resource: unknownEntity(resource.type), entities: known })
          residuals += 1
          if (evaluateResidual(left, { resourceEntity, entities }).decision !== actual.decision)
            wrong.push(`${id}[${at}] residual`)
        }
      }
      expect(wrong).toEqual([])
      expect(residuals).toBeGreaterThan(30_000)
    },
  )
})

describe('generated policies', () => {
  it('are decided as Cedar decides them, with the same reasons and errors', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(
        universes,
        fc.constantFrom(...ACTIONS),
        fc.constantFrom(...RESOURCES),
        fc.constantFrom(...CONTEXTS),
        (universe, action, resource, context) => {
          const program = compileProgram(universe.policies, { forbidErrors: 'skip', links: universe.links })
          const decision = decide(program, { principal: ANN, action, resource, context, entities: ENTITIES })
          const theirs = decideByCedar(universe, { principal: ANN, action, resource, context })
          seen.add(decision.reason)
          expect({
            decision: decision.decision,
            reason: [...decision.determining].sort(),
            errors: decision.errors.map(({ policy }) => policy).sort(),
          }).toEqual(theirs)
        },
      ),
      { numRuns: 400 },
    )
    expect(seen).toEqual(new Set(['permit', 'forbid', 'no-permit']))
  })
})

interface Parts {
  readonly principal: EntityUid
  readonly action: EntityUid
  readonly resource: EntityUid
  readonly context: ReadonlyMap<string, Value>
}

const ENTITIES_JSON = INPUTS.map(({ uid, parents = [], attributes = {}, tags = {} }) => ({
  uid: { type: uid.type, id: uid.id },
  parents: parents.map(({ type, id }) => ({ type, id })),
  attrs: fieldsToJson(attributes),
  tags: fieldsToJson(tags),
}))

function decideByCedar({ policies, links }: Universe, { principal, action, resource, context }: Parts) {
  const uid = ({ type, id }: EntityUid) => ({ type, id })
  const texts = (isTemplate: boolean) =>
    Object.fromEntries(
      policies.filter(({ slots }) => slots.length > 0 === isTemplate).map((policy) => [policy.id, printPolicy(policy)]),
    )
  const call = {
    principal: uid(principal),
    action: uid(action),
    resource: uid(resource),
    context: fieldsToJson(context),
    policies: {
      staticPolicies: texts(false),
      templates: texts(true),
      templateLinks: links.map((link) => ({
        templateId: link.template,
        newId: link.id,
        values: {
          ...(link.principal === undefined ? {} : { '?principal': uid(link.principal) }),
          ...(link.resource === undefined ? {} : { '?resource': uid(link.resource) }),
        },
      })),
    },
    entities: ENTITIES_JSON,
  }
  const answer = cedar.isAuthorized(call)
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '))
  const { decision, diagnostics } = answer.response
  return {
    decision,
    reason: [...diagnostics.reason].sort(),
    errors: diagnostics.errors.map(({ policyId }) => policyId).sort(),
  }
}

function fieldsToJson(
  fields: Iterable<readonly [string, Value]> | { readonly [name: string]: Value },
): Record<string, cedar.CedarValueJson> {
  const entries = Symbol.iterator in fields ? [...fields] : Object.entries(fields)
  return Object.fromEntries(entries.map(([name, value]) => [name, valueToJson(value) as cedar.CedarValueJson]))
}
