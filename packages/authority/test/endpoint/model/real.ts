// The authorities under test, of which the next one is asked each time, and how they are asked.

import type fc from 'fast-check'
import { createWorld, DOCS, IDP, MAIL, postForm, SECRETS, type World, type WorldOptions } from '../../fixture.ts'
import { type Client, type Model, PEOPLE } from './model.ts'
import { type Asking, IDLE_SECONDS } from './rules.ts'

export type Command = fc.AsyncCommand<Model, Real>

export class Real {
  readonly worlds: readonly World[]
  #turn = 0

  constructor(worlds: readonly World[]) {
    this.worlds = worlds
  }

  get world(): World {
    const world = this.worlds[this.#turn++ % this.worlds.length]
    if (world === undefined) throw new Error('there is no authority')
    return world
  }
}

export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** Two audiences whose services call each other, and keys that change only when a command says so. */
export async function createModelWorld(options: WorldOptions = {}): Promise<World> {
  return createWorld({
    audiences: [{ id: DOCS }, { id: MAIL }],
    clients: [
      { id: 'app', audiences: [DOCS], session: true, idleSeconds: IDLE_SECONDS },
      { id: 'backend', secret: SECRETS.backend, audiences: [DOCS], session: true, idleSeconds: IDLE_SECONDS },
      { id: 'docs', secret: SECRETS.docs, roles: ['guard'], audiences: [DOCS], exchanges: [{ from: DOCS, to: MAIL }] },
      { id: 'mail', secret: SECRETS.mail, roles: ['guard'], audiences: [MAIL], exchanges: [{ from: MAIL, to: DOCS }] },
      { id: 'admin', secret: SECRETS.admin, roles: ['admin'] },
    ],
    providers: [
      {
        issuer: IDP,
        clients: ['app', 'backend'],
        tenants: { org_acme: 'acme', org_other: 'other' },
        tenantClaim: 'org_id',
        attributes: { tenant: '$tenant' },
        parents: { Role: 'roles' },
        algorithms: ['ES256'],
      },
    ],
    directory: PEOPLE.map(({ id, tenant, subject }) => ({
      id,
      issuer: IDP,
      tenant,
      subject,
      parents: ['Team::"blue"'],
    })),
    rotateKeysSeconds: 0,
    ...options,
  })
}

export async function askToken(
  world: World,
  client: Client | 'docs' | 'mail',
  form: Record<string, string>,
  asking: Asking,
): Promise<Answer> {
  return answerOf(await ask(world, '/token', client, { ...form, ...detailsOf(asking) }))
}

/** As a client says who it is: by its secret, or by its name alone. */
export async function ask(
  world: World,
  path: '/token' | '/revoke',
  client: string,
  form: Record<string, string>,
): Promise<Response> {
  if (client === 'app') return postForm(world.authority, path, undefined, { client_id: client, ...form })
  return postForm(world.authority, path, client, form)
}

async function answerOf(response: Response): Promise<Answer> {
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

function detailsOf(asking: Asking): Record<string, string> {
  if (asking === undefined) return {}
  const details = asking.map(({ template, document, grantee }) => ({
    type: 'cardea_grant',
    privileges: [template],
    datatypes: ['Document'],
    identifier: document,
    ...(grantee === undefined ? {} : { grantee }),
  }))
  return { authorization_details: JSON.stringify(details) }
}
