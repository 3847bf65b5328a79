// casbin with roles per resource (its "RBAC with domains"): a grant lets the caller do each of its actions on a document or a
// folder, and each department has its line. casbin evaluates the matcher for one line after the other until one allows, so it is
// written to refuse the line of another department by its first comparison; what forbids stands in the matcher, after that.
// Addresses are parsed once a request and compared by a function of ours, as in the other subjects.

import { newEnforcer, newModelFromString } from 'casbin'
import type { Subject } from '../../harness.ts'
import { addressOf, networksOf } from './network.ts'
import { type Reference, TEMPLATE_ACTIONS } from './reference.ts'

const MODEL = `
[request_definition]
r = user, action, document, mfa, address

[policy_definition]
p = on

[role_definition]
g = _, _, _

[policy_effect]
e = some(where (p.eft == allow))

[matchers]
m = ((p.on == r.document.department && r.action == "view" && g(r.user.id, "member", p.on)) || \
  (p.on == "grants" && (r.document.owner == r.user.id || \
    g(r.user.id, r.action, r.document.id) || g(r.user.id, r.action, r.document.folder)))) && \
  r.document.tenant == r.user.tenant && (r.mfa || !r.document.classified) && inNetworks(r.address)
`

export async function casbin({ user, grants, requests, departments }: Reference): Promise<Subject> {
  const enforcer = await newEnforcer(newModelFromString(MODEL))
  enforcer.enableLog(false)
  const inNetworks = networksOf(user)
  await enforcer.addFunction('inNetworks', (address: number) => inNetworks(address))
  await enforcer.addPolicies([['grants'], ...Array.from({ length: departments }, (_, at) => [`d${at}`])])
  await enforcer.addGroupingPolicies(
    unique([
      ...grants.flatMap(({ template, id }) =>
        TEMPLATE_ACTIONS[template].map((action) => [user.id, action, id] as const),
      ),
      ...user.departments.map((department) => [user.id, 'member', department] as const),
    ]),
  )
  const calls = requests.map(({ action, document, mfa, ip }) => [user, action, document, mfa, addressOf(ip)] as const)
  return {
    name: 'casbin',
    cases: calls.length,
    run(index) {
      const call = calls[index]
      return call !== undefined && enforcer.enforceSync(...call)
    },
  }
}

/** casbin refuses a list that says something twice. */
function unique(rules: readonly (readonly string[])[]): string[][] {
  return [...new Map(rules.map((rule) => [rule.join('\n'), [...rule]])).values()]
}
