// Who there is: the people of two tenants, as their company's directory knows them. Test users; the passwords are no secret.

export interface Person {
  readonly id: string
  readonly tenant: 'acme' | 'globex'
  readonly password: string
  /** What their second factor shows. */
  readonly code: string
  readonly teams: readonly string[]
  readonly roles: readonly ('admin' | 'auditor')[]
  /** Works for another company. */
  readonly external: boolean
}

/** Where each tenant works from. */
export const NETWORKS = {
  acme: { office: '10.1.0.0/16', vpn: '10.99.0.0/16' },
  globex: { office: '10.2.0.0/16', vpn: '10.98.0.0/16' },
} as const

const NINE_TEAMS = ['red', 'orange', 'yellow', 'green', 'cyan', 'indigo', 'violet', 'black', 'white']

export const PEOPLE: readonly Person[] = [
  person('ann', 'acme', { teams: ['blue'] }),
  person('bob', 'acme', { teams: ['blue'], external: true }),
  person('carol', 'acme', { roles: ['admin'] }),
  person('nina', 'acme', { teams: NINE_TEAMS }),
  person('gus', 'globex', { teams: ['north'] }),
]

export function personById(id: string): Person | undefined {
  return PEOPLE.find((candidate) => candidate.id === id)
}

function person(
  id: string,
  tenant: Person['tenant'],
  more: Partial<Pick<Person, 'teams' | 'roles' | 'external'>>,
): Person {
  return { id, tenant, password: `${id}-password`, code: '246810', teams: [], roles: [], external: false, ...more }
}
