// Tokens whose binding does not fit the request, one of each kind, and the schema of the tests with words about them.

import type { MismatchMode } from '@cardea/policy/annotation'
import type { BindingKind } from '@cardea/token'
import type { GuardRequest } from '../../src/index.ts'
import { schema } from './documents.ts'
import { type Person, requestWith, tokenFor } from './world.ts'

export const KINDS: readonly BindingKind[] = ['key', 'certificate', 'address', 'tenant']

/** The annotation of each kind. */
export const ANNOTATION: Readonly<Record<BindingKind, string>> = {
  key: 'keyMismatch',
  certificate: 'certificateMismatch',
  address: 'addressMismatch',
  tenant: 'tenantMismatch',
}

export type Modes = { readonly [Kind in BindingKind]?: MismatchMode }

/** The same for every kind. */
export const all = (mode: MismatchMode): Modes => ({ key: mode, certificate: mode, address: mode, tenant: mode })

/** The schema with annotations of some actions; the others say nothing. */
export function softened(modes: { readonly [Action in keyof (typeof schema)['actions']]?: Modes }): typeof schema {
  const actions = Object.entries(schema.actions).map(([name, action]) => {
    const said = Object.entries(modes[name as keyof typeof modes] ?? {}) as [BindingKind, MismatchMode][]
    const annotations = Object.fromEntries(said.map(([kind, mode]) => [ANNOTATION[kind], mode]))
    return [
      name,
      { ...action, annotations: { ...('annotations' in action ? action.annotations : {}), ...annotations } },
    ]
  })
  return { ...schema, actions: Object.fromEntries(actions) }
}

const THUMBPRINT = 'A'.repeat(43)

/** A request that does not fit its token in these ways. None: it fits. */
export async function misfit(person: Person, ...kinds: readonly BindingKind[]): Promise<GuardRequest> {
  const cnf = {
    ...(kinds.includes('key') ? { jkt: THUMBPRINT } : {}),
    ...(kinds.includes('certificate') ? { 'x5t#S256': THUMBPRINT } : {}),
  }
  const claims = {
    ...(Object.keys(cnf).length === 0 ? {} : { cnf }),
    ...(kinds.includes('address') ? { net: ['192.0.2.0/24'] } : {}),
  }
  return requestWith(await tokenFor(person, claims), kinds.includes('tenant') ? { tenant: 'umbrella' } : {})
}
