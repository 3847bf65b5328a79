// Cedarling, unsigned and without its log. It makes the entities of a request itself, without parents and without references to
// other entities, and takes no template links. So what is a reference elsewhere is an id here, departments and folders are compared
// by id, and each grant is a policy of its own. Everything else is the same policy. Its answer is a promise.

import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { type Cedarling, init, initSync } from '@janssenproject/cedarling_wasm'
import type { AsyncSubject } from '../../harness.ts'
import { ACTIONS, type Reference, type ReferenceGrant, TEMPLATE_ACTIONS } from './reference.ts'

const SCHEMA = `
entity User = { sub: String, tenant: String, departments: Set<String>, office: ipaddr, vpn: ipaddr };
entity Document = { key: String, tenant: String, owner: String, folder: String, department: String, classified: Bool };
action ${ACTIONS.join(', ')} appliesTo { principal: [User], resource: [Document], context: { mfa: Bool, ip: ipaddr } };
`

export async function cedarling(reference: Reference): Promise<AsyncSubject> {
  const instance = await instanceOf(policiesOf(reference))
  const { id, ...attributes } = reference.user
  const principal = { cedar_entity_mapping: { entity_type: 'User', id }, sub: id, ...attributes }
  const calls = reference.requests.map(({ action, document: { id, ...row }, mfa, ip }) =>
    JSON.stringify({
      principal,
      action: `Action::"${action}"`,
      resource: { cedar_entity_mapping: { entity_type: 'Document', id }, key: id, ...row },
      context: { mfa, ip },
    }),
  )
  return {
    name: 'cedarling',
    cases: calls.length,
    async runAsync(index) {
      const answer = await instance.authorize_unsigned(calls[index] ?? '')
      const { decision } = answer
      answer.free()
      return decision
    },
  }
}

function policiesOf({ user, grants, departments }: Reference): Record<string, string> {
  const open = (effect: string, condition: string): string => `${effect} (principal, action, resource) ${condition};`
  const granted = ({ template, type, id }: ReferenceGrant): string => {
    const actions = TEMPLATE_ACTIONS[template].map((action) => `Action::"${action}"`).join(', ')
    const place = type === 'Document' ? `resource.key == "${id}"` : `resource.folder == "${id}"`
    return `permit (principal == User::"${user.id}", action in [${actions}], resource) when { ${place} };`
  }
  const department = (at: number): string =>
    `permit (principal, action == Action::"view", resource) when { principal.departments.contains("d${at}") && resource.department == "d${at}" };`
  return {
    owner: open('permit', 'when { resource.owner == principal.sub }'),
    'other-tenant': open('forbid', 'unless { resource.tenant == principal.tenant }'),
    classified: open('forbid', 'when { resource.classified && !context.mfa }'),
    network: open('forbid', 'unless { context.ip.isInRange(principal.office) || context.ip.isInRange(principal.vpn) }'),
    ...Object.fromEntries(grants.map((grant, at) => [`grant-${at}`, granted(grant)])),
    ...Object.fromEntries(Array.from({ length: departments }, (_, at) => [`department-${at}`, department(at)])),
  }
}

let ready: Promise<void> | undefined

/** The package is made for browsers: its code is given by hand. */
async function load(): Promise<void> {
  const file = createRequire(import.meta.url).resolve('@janssenproject/cedarling_wasm/cedarling_wasm_bg.wasm')
  initSync({ module: await readFile(file) })
}

async function instanceOf(policies: Readonly<Record<string, string>>): Promise<Cedarling> {
  ready ??= load()
  await ready
  const content = (contentType: string, body: string): object => ({
    encoding: 'none',
    content_type: contentType,
    body,
  })
  const store = {
    cedar_version: 'v4.0.0',
    policy_stores: {
      bench: {
        name: 'bench',
        description: 'document sharing',
        schema: content('cedar', SCHEMA),
        trusted_issuers: {},
        policies: Object.fromEntries(
          Object.entries(policies).map(([id, text]) => [
            id,
            { description: id, creation_date: '2026-01-01T00:00:00Z', policy_content: content('cedar', text) },
          ]),
        ),
      },
    },
  }
  return init({
    CEDARLING_APPLICATION_NAME: 'bench',
    CEDARLING_POLICY_STORE_LOCAL: JSON.stringify(store),
    CEDARLING_LOG_TYPE: 'off',
    CEDARLING_LOCK: 'disabled',
    CEDARLING_JWT_SIG_VALIDATION: 'disabled',
    CEDARLING_JWT_STATUS_VALIDATION: 'disabled',
  })
}
