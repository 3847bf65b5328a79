// The limit: the same rules as plain `if`s over plain objects; sets are made once for the caller, addresses parsed once a request,
// as in our own form.

import type { Subject } from '../../harness.ts'
import { addressOf, networksOf } from './network.ts'
import { type Reference, type ReferenceAction, TEMPLATE_ACTIONS } from './reference.ts'

export function handWritten({ user, grants, requests }: Reference): Subject {
  const departments = new Set(user.departments)
  const granted = grantSets(grants)
  const inNetworks = networksOf(user)
  const prepared = requests.map((request) => ({ ...request, address: addressOf(request.ip) }))

  return {
    name: 'hand-written',
    cases: prepared.length,
    run(index) {
      const request = prepared[index]
      if (request === undefined) return false
      const { document, action } = request
      if (document.tenant !== user.tenant) return false
      if (document.classified && !request.mfa) return false
      if (!inNetworks(request.address)) return false
      if (document.owner === user.id) return true
      const sets = granted[action]
      if (sets.documents.has(document.id) || sets.folders.has(document.folder)) return true
      return action === 'view' && departments.has(document.department)
    },
  }
}

interface GrantSets {
  readonly documents: Set<string>
  readonly folders: Set<string>
}

function grantSets(grants: Reference['grants']): Record<ReferenceAction, GrantSets> {
  const empty = (): GrantSets => ({ documents: new Set(), folders: new Set() })
  const sets = { view: empty(), comment: empty(), edit: empty(), manage: empty() }
  for (const grant of grants) {
    for (const action of TEMPLATE_ACTIONS[grant.template]) {
      sets[action][grant.type === 'Document' ? 'documents' : 'folders'].add(grant.id)
    }
  }
  return sets
}
