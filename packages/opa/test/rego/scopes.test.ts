// What a stock OPA finds by the table of scopes is what our engine finds; and without the table of these very policies, nothing.

import {
  compileProgram,
  createEntities,
  createLinks,
  decide,
  type EntityUid,
  entityUid,
  type ForbidErrors,
  parsePolicies,
  type Policy,
  type TemplateLink,
} from '@cardea/policy'
import { describe, expect, test, vi } from 'vitest'
import { evalOpa, requireOpa } from '../../../../tools/opa.ts'
import type { OpaJson } from '../../src/bundle/opa-json.ts'
import { entityTerm, libraryModules, printOpaJson, rulesModule } from '../../src/index.ts'

vi.setConfig({ testTimeout: 60_000 })

function policiesOf(text: string): readonly Policy[] {
  const { policies, problems } = parsePolicies(text, { file: 'a.cedar' })
  expect(problems).toEqual([])
  return policies
}

const U = entityUid('U', 'u')
const D = entityUid('D', 'd')
const VIEW = entityUid('Action', 'view')
const ENTITIES = createEntities([
  { uid: U, parents: [entityUid('T', 'blue'), entityUid('U', 'boss')] },
  { uid: entityUid('T', 'blue'), parents: [entityUid('T', 'all')] },
  { uid: D, parents: [entityUid('F', 'plans')] },
  { uid: VIEW, parents: [entityUid('Action', 'reading')] },
])

/** The request as Rego, in the form that policies read. */
const REQUEST = `package asked

import data.cardea.cedar
import data.cardea.policy.rules

decision := made if made := rules.decision with input as cedar.request({
	"principal": ${entityTerm(U)}, "action": ${entityTerm(VIEW)}, "resource": ${entityTerm(D)},
	"context": {}, "entities": entities, "links": input.links,
	"own": {"principal": entities[${entityTerm(U)}], "resource": entities[${entityTerm(D)}]},
})

entities := {${[U, D, VIEW].map(entityOf).join(', ')}}
`

function entityOf(uid: EntityUid): string {
  const ancestors = (ENTITIES.get(uid)?.ancestors.uids ?? []).map(entityTerm)
  return `${entityTerm(uid)}: {"attributes": {}, "tags": {}, "ancestors": {${ancestors.join(', ')}}}`
}

interface Asked {
  readonly policies: string
  readonly links?: readonly TemplateLink[]
  /** In the place of the table that belongs to the rules. */
  readonly scopes?: OpaJson
}

async function askOpa(command: string, { policies, links = [], scopes: other }: Asked): Promise<unknown> {
  const { text, scopes } = rulesModule(
    { policies: policiesOf(policies), forbidErrors: 'deny' },
    'cardea.policy',
    'cardea_data.scopes',
  )
  const byTemplate = Map.groupBy(links, ({ template }) => template)
  const answer = await evalOpa(command, {
    files: [
      ...libraryModules('cedar'),
      ['cardea/policy/rules.rego', text],
      ['asked.rego', REQUEST],
      ['data.json', printOpaJson({ cardea_data: { scopes: other ?? scopes } })],
    ],
    input: printOpaJson({ links: new Map([...byTemplate].map(([template, group]) => [template, group.map(linkOf)])) }),
    query: '[decision | decision := data.asked.decision]',
  })
  return (answer as readonly unknown[])[0]
}

function linkOf({ id, principal, resource }: TemplateLink): OpaJson {
  return Object.fromEntries([
    ['id', id],
    ...Object.entries({ principal, resource }).flatMap(([slot, uid]) =>
      uid === undefined ? [] : [[slot, [uid.type, uid.id]]],
    ),
  ]) as OpaJson
}

function ourDecision({ policies, links = [] }: Asked): unknown {
  const forbidErrors: ForbidErrors = 'deny'
  const request = {
    principal: U,
    action: VIEW,
    resource: D,
    context: new Map(),
    entities: ENTITIES,
    links: createLinks(links),
  }
  const { decision, reason, determining } = decide(compileProgram(policiesOf(policies), { forbidErrors }), request)
  return { decision, reason, determining }
}

const GRANT = '@id("t") permit (principal == ?principal, action, resource in ?resource);'

describe('a stock OPA finds', () => {
  test.for<readonly [string, Asked]>([
    [
      'the principal, what it is in, and above that',
      {
        policies: `permit (principal == U::"u", action, resource); permit (principal in U::"u", action, resource); permit (principal in T::"all", action, resource);`,
      },
    ],
    ['nobody for who is equal to what it is in', { policies: 'permit (principal == U::"boss", action, resource);' }],
    ['nobody for another type below the same', { policies: 'permit (principal is V in T::"blue", action, resource);' }],
    ['nobody for the type of what it is in', { policies: 'permit (principal is T, action, resource);' }],
    [
      'the resource and what it is in',
      {
        policies:
          'permit (principal, action, resource == D::"d"); permit (principal, action, resource is D in F::"plans");',
      },
    ],
    [
      'a group of actions',
      {
        policies:
          'permit (principal, action in Action::"reading", resource); forbid (principal, action in [Action::"writing"], resource);',
      },
    ],
    ['no action that is equal to a group', { policies: 'permit (principal, action == Action::"reading", resource);' }],
    [
      'a policy once that names two groups of it',
      { policies: 'permit (principal, action in [Action::"reading", Action::"view"], resource);' },
    ],
    [
      'a forbid at another place than the permit',
      {
        policies:
          'permit (principal in T::"all", action, resource); forbid (principal, action == Action::"view", resource in F::"plans");',
      },
    ],
    [
      'what names nothing',
      { policies: 'permit (principal, action, resource); forbid (principal, action, resource is E);' },
    ],
    [
      'names that the table uses itself',
      {
        policies:
          'permit (principal in T::"*", action, resource); forbid (principal, action in Action::"*", resource == D::"*");',
      },
    ],
    [
      'a grant',
      { policies: GRANT, links: [{ id: 'l', template: 't', principal: U, resource: entityUid('F', 'plans') }] },
    ],
    [
      'no grant of somebody else, or elsewhere',
      {
        policies: GRANT,
        links: [
          { id: 'l', template: 't', principal: entityUid('U', 'boss'), resource: D },
          { id: 'm', template: 't', principal: U, resource: entityUid('F', 'other') },
        ],
      },
    ],
    [
      'no grant that fills other slots',
      {
        policies: `${GRANT} @id("r") permit (principal, action, resource in ?resource);`,
        links: [
          { id: 'l', template: 't', principal: U },
          { id: 'm', template: 'r', principal: U, resource: D },
        ],
      },
    ],
    [
      'no grant on what the rest of the scope is not about',
      {
        policies: '@id("t") permit (principal == ?principal, action, resource is E);',
        links: [{ id: 'l', template: 't', principal: U }],
      },
    ],
    [
      'no grant of what is no template',
      {
        policies: '@id("t") permit (principal == U::"x", action, resource);',
        links: [{ id: 'l', template: 't', principal: U, resource: D }],
      },
    ],
  ])('%s', async ([, asked], { skip }) => {
    expect(await askOpa(await requireOpa(skip), asked)).toMatchObject(ourDecision(asked) as object)
  })

  test('nothing in the table of other policies, nor in none', async ({ skip }) => {
    const command = await requireOpa(skip)
    const policies = 'permit (principal, action, resource); forbid (principal, action, resource);'
    const { scopes } = rulesModule({ policies: policiesOf(policies).slice(0, 1), forbidErrors: 'deny' }, 'r', 's')
    expect(await askOpa(command, { policies, scopes })).toBeUndefined()
    expect(await askOpa(command, { policies, scopes: {} })).toBeUndefined()
    expect(await askOpa(command, { policies })).toMatchObject({ decision: 'deny', reason: 'forbid' })
  })
})
