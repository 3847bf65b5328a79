// cedar-wasm in its fastest form: policies parsed once (`preparsePolicySet`), then `statefulIsAuthorized`.

import * as cedar from '@cedar-policy/cedar-wasm/nodejs'
import type { Subject } from '../harness.ts'
import type { Reference, ReferenceDocument } from './reference.ts'

export function cedarWasm(reference: Reference, size: number): Subject {
  const name = `reference-${size}`
  const parts = cedar.policySetTextToParts(reference.policies)
  if (parts.type === 'failure') throw new Error('cedar-wasm refuses the reference policies')
  const templates = Object.fromEntries(parts.policy_templates.map((text) => [idOf(text), text]))
  const links = reference.grants.map((grant, at) => ({
    templateId: grant.template,
    newId: `grant-${at}`,
    values: {
      '?principal': { type: 'User', id: reference.user.id },
      '?resource': { type: grant.type, id: grant.id },
    },
  }))
  const parsed = cedar.preparsePolicySet(name, {
    staticPolicies: parts.policies.join('\n'),
    templates,
    templateLinks: links,
  })
  if (parsed.type === 'failure') throw new Error(parsed.errors.map((error) => error.message).join('; '))
  const calls = reference.requests.map(
    (request): cedar.StatefulAuthorizationCall => ({
      principal: { type: 'User', id: reference.user.id },
      action: { type: 'Action', id: request.action },
      resource: { type: 'Document', id: request.document.id },
      context: { mfa: request.mfa, ip: { __extn: { fn: 'ip', arg: request.ip } } },
      preparsedPolicySetId: name,
      entities: entities(reference, request.document),
    }),
  )
  return {
    name: 'cedar-wasm',
    cases: calls.length,
    run(index) {
      const call = calls[index]
      if (call === undefined) return false
      const answer = cedar.statefulIsAuthorized(call)
      return answer.type === 'success' && answer.response.decision === 'allow'
    },
  }
}

function idOf(text: string): string {
  const id = /@id\("([^"]+)"\)/.exec(text)?.[1]
  if (id === undefined) throw new Error('a template of the workload has no @id')
  return id
}

function entities({ user }: Reference, document: ReferenceDocument): cedar.EntityJson[] {
  return [
    {
      uid: { type: 'User', id: user.id },
      attrs: {
        tenant: { __entity: { type: 'Tenant', id: user.tenant } },
        network: { __extn: { fn: 'ip', arg: user.network } },
      },
      parents: user.departments.map((id) => ({ type: 'Department', id })),
    },
    {
      uid: { type: 'Document', id: document.id },
      attrs: {
        tenant: { __entity: { type: 'Tenant', id: document.tenant } },
        owner: { __entity: { type: 'User', id: document.owner } },
        classified: document.classified,
      },
      parents: [
        { type: 'Folder', id: document.folder },
        { type: 'Department', id: document.department },
      ],
    },
  ]
}
