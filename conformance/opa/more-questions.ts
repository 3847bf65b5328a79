// Questions under other policies: bindings that an action softens, what may be known, a publication; and what a service says wrongly.

import type { OpaObject } from '@cardea/opa'
import { POLICIES } from '../../packages/guard/test/support/documents.ts'
import { all, softened } from '../../packages/guard/test/support/misfits.ts'
import { ANN, AUDITOR } from '../../packages/guard/test/support/world.ts'
import { planOf, PRESENT, type Question, resourceOf, type Setting } from './both.ts'
import { ann, bound, outside, own, THUMBPRINT, UUID } from './tokens.ts'

/** Actions that soften what does not fit: `view` records it, `edit` asks for a sign-in, `delete` says nothing. */
export const SOFTENED: Setting = { ...PRESENT, definition: softened({ view: all('log'), edit: all('step-up') }) }
export const MISFITS: Readonly<Record<string, Question>> = Object.fromEntries(
  (['view', 'edit', 'delete'] as const).flatMap((action): [string, Question][] => [
    [`${action}, a key that is not proven`, { token: bound, action }],
    [`${action}, another network`, { token: outside, action }],
    [`${action}, another tenant`, { token: ann, action, tenant: 'globex' }],
    [`${action}, another network and tenant`, { token: outside, action, tenant: 'globex' }],
    [`${action}, all fits`, { token: ann, action, hasAdvice: action === 'delete' }],
    [`${action}, of somebody else's document`, { token: outside, action, document: 'memo' }],
  ]),
)

/** What only an OPA is told in words: a guard sees the proof itself. */
export const PROVEN: Readonly<Record<string, readonly [request: OpaObject, answer: string]>> = {
  'the key of the token': [{ scheme: 'DPoP', jkt: THUMBPRINT }, '200 allow permit owner-manages'],
  'another key': [{ scheme: 'DPoP', jkt: 'B'.repeat(43) }, '401 deny binding'],
  'no key': [{ scheme: 'DPoP' }, '401 deny binding'],
  'the key, but as Bearer': [{ scheme: 'Bearer', jkt: THUMBPRINT }, '401 deny binding'],
  'a scheme that nobody knows': [{ scheme: 'Basic', jkt: THUMBPRINT }, '401 deny binding'],
}

/** `edit` records what does not fit, `view`, which reveals, refuses it. */
export const REVEALING: Setting = { ...PRESENT, definition: softened({ edit: all('log') }) }
export const REVEALED: Readonly<Record<string, Question>> = {
  'from its network, who may see it': { token: await own(AUDITOR, { net: ['10.0.0.0/8'] }), action: 'edit' },
  'from another network, who could see it from there': {
    token: await own(AUDITOR, { net: ['192.0.2.0/24'] }),
    action: 'edit',
  },
  'from another network, the owner': { token: outside, action: 'edit' },
}

/** The next policies read more of a principal: an attribute, and a team that a forbid speaks of. */
export const NEXT: Setting = {
  ...PRESENT,
  policies: [
    ...POLICIES,
    {
      file: 'more.cedar',
      text: `@id("low") forbid (principal, action == Action::"edit", resource)
when { principal has clearance && principal.clearance < 3 };
@id("blocked") forbid (principal in Team::"blocked", action == Action::"edit", resource);`,
    },
  ],
}
const NEXT_PLAN = planOf(NEXT)
const later = (claims: Readonly<Record<string, unknown>>): Promise<string> => own(ANN, { plan: NEXT_PLAN, ...claims })
const ATTRS = { tenant: 'acme', clearance: null }
export const PUBLISHED: Readonly<Record<string, Question>> = {
  'an old token, an action that reads nothing new': { token: ann },
  'an old token, an action that reads more': { token: ann, action: 'edit' },
  'a new token': { token: await later({ attrs: ATTRS, groups: { Team: [] } }), action: 'edit' },
  'of low clearance': {
    token: await later({ attrs: { ...ATTRS, clearance: 1 }, groups: { Team: [] } }),
    action: 'edit',
  },
  'of high clearance': {
    token: await later({ attrs: { ...ATTRS, clearance: 3 }, groups: { Team: [] } }),
    action: 'edit',
  },
  'in the team': { token: await later({ attrs: ATTRS, groups: { Team: ['blocked'] } }), action: 'edit' },
  'in another team': { token: await later({ attrs: ATTRS, groups: { Team: ['blue', 'red'] } }), action: 'edit' },
  'in teams by UUID': {
    token: await later({
      attrs: ATTRS,
      groups: { Team: Buffer.from(UUID.replaceAll('-', ''), 'hex').toString('base64url') },
    }),
    action: 'edit',
  },
  'nothing said of teams': { token: await later({ attrs: ATTRS, groups: {} }), action: 'edit' },
  'nothing said of clearance': {
    token: await later({ attrs: { tenant: 'acme' }, groups: { Team: [] } }),
    action: 'edit',
  },
  'a required attribute that is none': {
    token: await later({ attrs: { ...ATTRS, tenant: null }, groups: { Team: [] } }),
    action: 'edit',
  },
}

/** What a service says wrongly is an error thrown by a guard, and an answer of an OPA. */
export const MISTAKES: Readonly<Record<string, readonly [input: OpaObject, answer: string]>> = {
  'an action that there is not': [{ action: 'fly' }, '400 deny invalid_request'],
  'a resource of another type': [
    { resource: { type: 'Folder', id: 'plans', attributes: { tenant: 'acme' } } },
    '400 deny invalid_request',
  ],
  'a resource that does not say what it is in': [
    { resource: { type: 'Document', id: 'plan', attributes: { tenant: 'acme', owner: 'ann', classified: false } } },
    '404 deny invalid_entity',
  ],
  'a resource that is in no list': [{ resource: { ...resourceOf('plan'), parents: null } }, '404 deny invalid_entity'],
  'a resource that is in nothing': [
    { resource: { ...resourceOf('plan'), parents: [] } },
    '200 allow permit owner-manages',
  ],
  'a resource without attributes': [{ resource: { type: 'Document', id: 'plan' } }, '404 deny invalid_entity'],
  'a resource with one too many': [
    { resource: { ...resourceOf('plan'), attributes: { tenant: 'acme', owner: 'ann', classified: false, more: 1 } } },
    '404 deny invalid_entity',
  ],
  'a parent of a type that has none below': [
    { resource: { ...resourceOf('plan'), parents: [{ type: 'User', id: 'ann' }] } },
    '404 deny invalid_entity',
  ],
  'a parent that is none': [{ resource: { ...resourceOf('plan'), parents: ['plans'] } }, '404 deny invalid_entity'],
  'a fact that is not its to say': [
    { action: 'delete', context: { acr: 'mfa', authTime: '2027-01-15T08:00:00Z' } },
    '400 deny invalid_request',
  ],
  'a word that the action does not know': [{ context: { outside: false } }, '400 deny invalid_request'],
  'a word of another type': [{ action: 'share', context: { outside: 'no' } }, '400 deny invalid_request'],
  'no word where one is needed': [{ action: 'share' }, '400 deny invalid_request'],
  'a context that is no object': [{ context: [] }, '400 deny invalid_request'],
  nothing: [{ token: null, action: null, resource: null, context: null, request: null }, '401 deny invalid_token'],
}
