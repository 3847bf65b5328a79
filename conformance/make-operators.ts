// Writes cedar/operators.jsonl.gz: Cedar's own answer to every condition of `operator-tables.ts`, how effects combine, and
// templates. Run it after a change to the tables or to Cedar: `node conformance/make-operators.ts`.

import { isAuthorized, type PolicyJson } from '@cedar-policy/cedar-wasm/nodejs'
import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import type { Case, CaseLink, CaseRequest } from './case.ts'
import { GROUPS } from './operator-tables.ts'

const uid = (type: string, id: string): { type: string; id: string } => ({ type, id })

const ENTITIES = [
  {
    uid: uid('User', 'ann'),
    attrs: { name: 'ann', a: 1, friend: { __entity: uid('User', 'bob') } },
    parents: [uid('Team', 'red')],
    tags: { a: 1, b: 'two', '': true },
  },
  { uid: uid('User', 'bob'), attrs: { name: 'bob', friend: { __entity: uid('User', 'ghost') } }, parents: [] },
  { uid: uid('Team', 'red'), attrs: {}, parents: [uid('Team', 'all')] },
  { uid: uid('Team', 'blue'), attrs: {}, parents: [uid('Team', 'all')] },
  { uid: uid('Team', 'all'), attrs: {}, parents: [] },
]

const REQUEST = {
  principal: uid('User', 'ann'),
  action: uid('Action', 'view'),
  resource: uid('Team', 'red'),
  context: {},
}

type Question = Pick<CaseRequest, 'context'> & typeof REQUEST

function make(
  id: string,
  policies: readonly string[],
  links: readonly CaseLink[],
  questions: readonly Question[],
): Case {
  return {
    id,
    policy: policies.join('\n'),
    entities: ENTITIES,
    ...(links.length === 0 ? {} : { links }),
    requests: questions.map((question) => ({ ...question, ...judge(policies, links, question) })),
  }
}

/** What Cedar says; a policy with a slot is a template. */
function judge(
  policies: readonly string[],
  links: readonly CaseLink[],
  question: Question,
): Pick<CaseRequest, 'decision' | 'reason' | 'errors'> {
  const named = policies.map((text, index) => [`policy${index}`, text] as const)
  const isTemplate = (text: string): boolean => /\?(?:principal|resource)/.test(text)
  const answer = isAuthorized({
    ...question,
    context: {},
    policies: {
      staticPolicies: Object.fromEntries<string | PolicyJson>(named.filter(([, text]) => !isTemplate(text))),
      templates: Object.fromEntries(named.filter(([, text]) => isTemplate(text))),
      templateLinks: links.map((link) => ({ templateId: link.template, newId: link.id, values: slotsOf(link) })),
    },
    entities: ENTITIES,
  })
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '))
  const { decision, diagnostics } = answer.response
  const errors = diagnostics.errors.map(({ policyId }) => policyId)
  return { decision, reason: diagnostics.reason.toSorted(byNumber), errors: errors.toSorted(byNumber) }
}

function slotsOf({ principal, resource }: CaseLink): Record<string, { type: string; id: string }> {
  const slots: Record<string, { type: string; id: string }> = {}
  if (isUid(principal)) slots['?principal'] = principal
  if (isUid(resource)) slots['?resource'] = resource
  return slots
}

function isUid(value: unknown): value is { type: string; id: string } {
  return typeof value === 'object' && value !== null && 'type' in value && 'id' in value
}

function byNumber(left: string, right: string): number {
  return left.localeCompare(right, 'en', { numeric: true })
}

/** One case an operator, one policy a condition. */
function operatorCases(): readonly Case[] {
  return GROUPS.map(({ id, conditions }) => {
    const policies = conditions.map((condition) => `permit (principal, action, resource) when { ${condition} };`)
    return make(`operator ${id}`, policies, [], [REQUEST])
  })
}

/** Every mixture of permits and forbids that hold, do not hold or err. */
function effectCases(): readonly Case[] {
  const states = [undefined, 'true', 'false', 'principal.missing']
  const policiesOf = (effect: string, mix: readonly (string | undefined)[]): readonly string[] =>
    mix.flatMap((state) => (state === undefined ? [] : [`${effect} (principal, action, resource) when { ${state} };`]))
  const mixtures = states.flatMap((first) => states.map((second) => [first, second]))
  return mixtures.flatMap((permits) =>
    mixtures.map((forbids) => {
      const policies = [...policiesOf('permit', permits), ...policiesOf('forbid', forbids)]
      return make(
        `effects ${[...permits, ...forbids].map((state) => state ?? 'none').join(', ')}`,
        policies,
        [],
        [REQUEST],
      )
    }),
  )
}

/** Scopes of every form, as policies and through links, against several principals, actions and resources. */
function scopeCases(): readonly Case[] {
  const principals = ['', ' == User::"ann"', ' in Team::"all"', ' is User', ' is User in Team::"red"', ' is Team']
  const actions = ['', ' == Action::"view"', ' in Action::"view"', ' in [Action::"edit", Action::"view"]', ' in []']
  const resources = ['', ' == Team::"red"', ' in Team::"all"', ' is Team', ' is Team in Team::"all"', ' is User']
  const fixed = principals.flatMap((principal) =>
    actions.flatMap((action) =>
      resources.map((resource) => `permit (principal${principal}, action${action}, resource${resource});`),
    ),
  )
  const slots = ['== ?principal', 'in ?principal', 'is User in ?principal']
  const templates = slots.flatMap((slot) => [
    `permit (principal ${slot}, action, resource);`,
    `forbid (principal ${slot}, action == Action::"edit", resource ${slot.replace('User', 'Team').replace('?principal', '?resource')});`,
  ])
  const links = templates.flatMap((text, index): readonly CaseLink[] => {
    const resource = text.includes('?resource') ? { resource: uid('Team', 'red') } : {}
    return ['ann', 'bob']
      .map((id) => ({ id: `${id} ${index}`, template: `policy${index}`, principal: uid('User', id), ...resource }))
      .concat([{ id: `red ${index}`, template: `policy${index}`, principal: uid('Team', 'red'), ...resource }])
  })
  const questions = [uid('User', 'ann'), uid('User', 'bob'), uid('User', 'ghost'), uid('Team', 'red')].flatMap(
    (principal) =>
      [uid('Action', 'view'), uid('Action', 'edit')].flatMap((action) =>
        [uid('Team', 'red'), uid('Team', 'all'), uid('User', 'ann')].map((resource) => ({
          principal,
          action,
          resource,
          context: {},
        })),
      ),
  )
  return [make('scopes', fixed, [], questions), make('templates', templates, links, questions)]
}

const cases = [...operatorCases(), ...effectCases(), ...scopeCases()]
const lines = cases.map((item) => `${JSON.stringify(item)}\n`).join('')
writeFileSync(new URL('cedar/operators.jsonl.gz', import.meta.url), gzipSync(lines, { level: 9 }))
const counted = cases.reduce((sum, item) => sum + item.requests.length, 0)
console.log(
  `${cases.length} cases, ${counted} requests, ${GROUPS.reduce((sum, group) => sum + group.conditions.length, 0)} conditions`,
)
