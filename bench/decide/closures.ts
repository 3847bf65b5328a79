// Ours: closures over the indexed program. The principal is mapped once, as for a token; the resource once, as for a row.

import {
  compileProgram,
  createEntities,
  createLinks,
  decide,
  entityUid,
  layerEntities,
  parseIp,
  parsePolicies,
  type Request,
  type Value,
} from '@cardea/policy'
import type { Subject } from '../harness.ts'
import type { Reference, ReferenceDocument } from './reference.ts'

export function closures(reference: Reference): Subject {
  const { policies, problems } = parsePolicies(reference.policies)
  if (problems.length > 0) throw new Error(problems.map((problem) => problem.message).join('; '))
  const program = compileProgram(policies)
  const requests = requestsOf(reference)
  return {
    name: 'closures',
    cases: requests.length,
    run(index) {
      const request = requests[index]
      return request !== undefined && decide(program, request).decision === 'allow'
    },
  }
}

function requestsOf({ user, grants, requests }: Reference): Request[] {
  const principal = entityUid('User', user.id)
  const links = createLinks(
    grants.map((grant, at) => ({
      id: `grant-${at}`,
      template: grant.template,
      principal,
      resource: entityUid(grant.type, grant.id),
    })),
  )
  const caller = createEntities([
    {
      uid: principal,
      attributes: new Map<string, Value>([
        ['tenant', entityUid('Tenant', user.tenant)],
        ['network', ip(user.network)],
      ]),
      parents: user.departments.map((id) => entityUid('Department', id)),
    },
  ])
  return requests.map((request) => ({
    principal,
    action: entityUid('Action', request.action),
    resource: entityUid('Document', request.document.id),
    context: new Map<string, Value>([
      ['mfa', request.mfa],
      ['ip', ip(request.ip)],
    ]),
    entities: layerEntities(documentEntities(request.document), caller),
    links,
  }))
}

function documentEntities(document: ReferenceDocument): ReturnType<typeof createEntities> {
  return createEntities([
    {
      uid: entityUid('Document', document.id),
      attributes: new Map<string, Value>([
        ['tenant', entityUid('Tenant', document.tenant)],
        ['owner', entityUid('User', document.owner)],
        ['classified', document.classified],
      ]),
      parents: [entityUid('Folder', document.folder), entityUid('Department', document.department)],
    },
  ])
}

function ip(text: string): Value {
  const value = parseIp(text)
  if (value === undefined) throw new Error(`the workload's \`${text}\` is no address`)
  return value
}
