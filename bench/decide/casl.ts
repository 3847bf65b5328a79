// CASL with an ability cached for the caller and each (second factor, network) pair: its recommended use.

import { defineAbility, type MongoAbility, subject } from '@casl/ability'
import type { Subject } from '../harness.ts'
import { INSIDE, type Reference, TEMPLATE_ACTIONS } from './reference.ts'

export function caslCached(reference: Reference): Subject {
  const abilities = new Map<boolean, Map<boolean, MongoAbility>>()
  for (const mfa of [true, false]) {
    abilities.set(mfa, new Map([true, false].map((inside) => [inside, abilityFor(reference, mfa, inside)])))
  }
  const prepared = reference.requests.map((request) => ({
    ...request,
    inside: request.ip === INSIDE,
    document: subject('Document', { ...request.document }),
  }))
  return {
    name: 'casl-cached',
    cases: prepared.length,
    run(index) {
      const request = prepared[index]
      if (request === undefined) return false
      const ability = abilities.get(request.mfa)?.get(request.inside)
      return ability?.can(request.action, request.document) ?? false
    },
  }
}

function abilityFor({ user, grants }: Reference, mfa: boolean, inside: boolean): MongoAbility {
  return defineAbility((can, cannot) => {
    can(['view', 'comment', 'edit', 'manage'], 'Document', { owner: user.id })
    can('view', 'Document', { department: { $in: [...user.departments] } })
    for (const [template, actions] of Object.entries(TEMPLATE_ACTIONS)) {
      const ids = (type: string): string[] =>
        grants.filter((grant) => grant.template === template && grant.type === type).map((grant) => grant.id)
      can([...actions], 'Document', { id: { $in: ids('Document') } })
      can([...actions], 'Document', { folder: { $in: ids('Folder') } })
    }
    cannot(['view', 'comment', 'edit', 'manage'], 'Document', { tenant: { $ne: user.tenant } })
    if (!mfa) cannot(['view', 'comment', 'edit', 'manage'], 'Document', { classified: true })
    if (!inside) cannot(['view', 'comment', 'edit', 'manage'], 'Document')
  })
}
