// The authority that is measured: one audience, a policy of document sharing, people of one provider in ten teams, and what was
// granted to each team. It is configured as for production.

import { createHash } from 'node:crypto'
import type { AuthorityOptions, ServicePublication } from '@cardea/authority'
import type { JsonWebKeySet } from '@cardea/token'

export const ISSUER = 'http://127.0.0.1:8080'
export const AUDIENCE = 'https://documents.example'
export const PROVIDER = 'https://people.example'
export const TENANT = 'acme'
export const TEAMS = 10

export const CLIENTS = {
  web: { id: 'web', secret: 'the secret of the web server, which is long' },
  /** Its exchanges give it refresh tokens. */
  app: { id: 'app', secret: 'the secret of the other web server, as long' },
  guard: { id: 'documents', secret: 'the secret of the documents service, long' },
  admin: { id: 'admin', secret: 'the secret of the administrator, long enough' },
} as const

export interface WorldSize {
  readonly people: number
  /** In each person's token. */
  readonly grants: number
  /** People after them who are in all of ten other teams, each of which has so many grants. */
  readonly wide?: { readonly people: number; readonly grantsATeam: number } | undefined
}

export interface AuthorityWorld {
  readonly options: AuthorityOptions
  readonly publication: ServicePublication
  readonly grants: readonly Grant[]
}

interface Grant {
  readonly tenant: string
  readonly grantee: string
  readonly template: string
  readonly resource: string
}

const SCHEMA = `
entity Team;
entity Client;
entity User in [Team];
entity Document { owner: User };
action view, edit appliesTo { principal: [User, Client], resource: [Document] };
`

export const POLICIES = `
@id("owner") permit (principal, action, resource) when { resource.owner == principal };
@id("viewer") permit (principal in ?principal, action == Action::"view", resource == ?resource);
@id("editor") permit (principal in ?principal, action in [Action::"view", Action::"edit"], resource == ?resource);
`

/** `store` is what the authority takes: a file or the address of a database. */
export function createWorld(store: string, size: WorldSize, keys: JsonWebKeySet): AuthorityWorld {
  const { people, grants, wide = { people: 0, grantsATeam: 0 } } = size
  const wideTeams = wide.people === 0 ? [] : indices(TEAMS).map((team) => TEAMS + team)
  return {
    options: {
      issuer: ISSUER,
      store,
      key: createHash('sha256').update('bench').digest('base64'),
      audiences: [{ id: AUDIENCE }],
      clients: [
        { ...CLIENTS.web, audiences: [AUDIENCE] },
        { ...CLIENTS.app, audiences: [AUDIENCE], session: true },
        { ...CLIENTS.guard, roles: ['guard'], audiences: [AUDIENCE] },
        { ...CLIENTS.admin, roles: ['admin'] },
      ],
      providers: [
        {
          issuer: PROVIDER,
          clients: [CLIENTS.web.id, CLIENTS.app.id],
          tenants: [TENANT],
          algorithms: ['RS256'],
          keys,
        },
      ],
      directory: indices(people + wide.people).map((index) => ({
        id: uuidOf(`person ${index}`),
        issuer: PROVIDER,
        tenant: TENANT,
        subject: subjectOf(index),
        parents: index < people ? [teamOf(index % TEAMS)] : wideTeams.map(teamOf),
      })),
    },
    publication: {
      schema: { file: 'schema.cedarschema', text: SCHEMA },
      policies: [{ file: 'policies.cedar', text: POLICIES }],
    },
    grants: [
      ...indices(Math.min(TEAMS, people)).flatMap((team) => grantsOf(team, grants)),
      ...wideTeams.flatMap((team) => grantsOf(team, wide.grantsATeam)),
    ],
  }
}

/** The provider's name for a person. */
export function subjectOf(index: number): string {
  return `people|${index}`
}

/** The document that the team was granted at this place. The teams of the wide come after the others, from `TEAMS` on. */
export function documentOf(team: number, index: number): string {
  return uuidOf(`document ${team} ${index}`)
}

/** The same on every run, and as random as any. */
export function uuidOf(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}

export function basic({ id, secret }: { readonly id: string; readonly secret: string }): string {
  return `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`
}

function grantsOf(team: number, count: number): Grant[] {
  return indices(count).map((index) => ({
    tenant: TENANT,
    grantee: teamOf(team),
    template: index % 3 === 0 ? 'editor' : 'viewer',
    resource: `Document::"${documentOf(team, index)}"`,
  }))
}

function indices(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}

function teamOf(index: number): string {
  return `Team::"${uuidOf(`team ${index}`)}"`
}
