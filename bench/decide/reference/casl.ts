// CASL with an ability for the caller and each (second factor, network) pair: cached, its recommended use, or built for each
// request, its usual one. The policies of departments that are not the caller's never reach it, so it does not grow with the size.

import { defineAbility, type MongoAbility, subject } from '@casl/ability'
import type { Subject } from '../../harness.ts'
import { addressOf, networksOf } from './network.ts'
import { ACTIONS, type Reference, TEMPLATE_ACTIONS } from './reference.ts'

export function caslCached(reference: Reference): Subject {
  const abilities = new Map(
    [true, false].map((mfa) => [
      mfa,
      new Map([true, false].map((inside) => [inside, ability(reference, mfa, inside)])),
    ]),
  )
  return subjectOf('casl-cached', reference, (mfa, inside) => abilities.get(mfa)?.get(inside))
}

export function caslBuilt(reference: Reference): Subject {
  return subjectOf('casl-built', reference, (mfa, inside) => ability(reference, mfa, inside))
}

function subjectOf(
  name: string,
  { user, requests }: Reference,
  abilityFor: (mfa: boolean, inside: boolean) => MongoAbility | undefined,
): Subject {
  const inNetworks = networksOf(user)
  const prepared = requests.map((request) => ({
    action: request.action,
    mfa: request.mfa,
    address: addressOf(request.ip),
    document: subject('Document', { ...request.document }),
  }))
  return {
    name,
    cases: prepared.length,
    run(index) {
      const request = prepared[index]
      if (request === undefined) return false
      return abilityFor(request.mfa, inNetworks(request.address))?.can(request.action, request.document) ?? false
    },
  }
}

function ability({ user, grants }: Reference, mfa: boolean, inside: boolean): MongoAbility {
  return defineAbility((can, cannot) => {
    can([...ACTIONS], 'Document', { owner: user.id })
    can('view', 'Document', { department: { $in: [...user.departments] } })
    for (const [template, actions] of Object.entries(TEMPLATE_ACTIONS)) {
      const ids = (type: string): string[] =>
        grants.filter((grant) => grant.template === template && grant.type === type).map((grant) => grant.id)
      can([...actions], 'Document', { id: { $in: ids('Document') } })
      can([...actions], 'Document', { folder: { $in: ids('Folder') } })
    }
    cannot([...ACTIONS], 'Document', { tenant: { $ne: user.tenant } })
    if (!mfa) cannot([...ACTIONS], 'Document', { classified: true })
    if (!inside) cannot([...ACTIONS], 'Document')
  })
}
