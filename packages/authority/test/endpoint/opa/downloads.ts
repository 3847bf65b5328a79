// Downloads of bundles as an OPA makes them, and what is in them.

import { gunzipSync } from 'node:zlib'
import { unpackTar } from 'modern-tar'
import { DOCS, ISSUER, MAIL, SECRETS, type World, type WorldOptions } from '../../fixture.ts'

const CLIENTS = [
  { id: 'docs', secret: SECRETS.docs, roles: ['guard' as const], audiences: [DOCS] },
  { id: 'mail', secret: SECRETS.mail, roles: ['guard' as const], audiences: [MAIL] },
  { id: 'sharing', secret: SECRETS.sharing, roles: ['guard' as const], audiences: [DOCS], tenants: ['acme'] },
  { id: 'backend', secret: SECRETS.backend, audiences: [DOCS] },
  { id: 'admin', secret: SECRETS.admin, roles: ['admin' as const] },
]
const AUDIENCES = [{ id: DOCS, opa: true }, { id: MAIL }]
/** An authority whose document service is an OPA. */
export const OPTIONS: WorldOptions = { audiences: AUDIENCES, clients: CLIENTS, providers: [], directory: [] }

export const LONG_POLL = 'modes=snapshot,delta;wait=60'
export const LONG_POLLED = 'application/vnd.openpolicyagent.bundles'

export interface DownloadOptions {
  readonly client?: keyof typeof SECRETS
  readonly audience?: string
  readonly headers?: Record<string, string>
  readonly method?: string
  /** Its own one by default. */
  readonly token?: string
}

/** Of the document service, unless another client is said. */
export async function download(
  world: World,
  kind: string,
  { client = 'docs', audience = DOCS, headers = {}, method = 'GET', token }: DownloadOptions = {},
): Promise<Response> {
  return world.authority.app.request(`${ISSUER}/opa/v1/bundles/${kind}?audience=${encodeURIComponent(audience)}`, {
    method,
    headers: { authorization: `Bearer ${token ?? (await world.own(client))}`, ...headers },
  })
}

export interface Unpacked {
  readonly names: readonly string[]
  readonly manifest: { readonly revision: string; readonly roots: readonly string[] }
  readonly data: { readonly cardea_data: { readonly news: News; readonly settings: Record<string, unknown> } }
  readonly signature: { readonly kid: string; readonly scope: string }
}

export interface News {
  readonly time: number
  readonly seq: number
  readonly epoch: string
  readonly subject_key: string
  readonly policy: { readonly revision: number; readonly since: number }
  readonly tenants: { readonly all: boolean; readonly names: Record<string, boolean> }
  readonly keys: Record<string, { readonly alg: string }>
  readonly revocations: Record<string, Record<string, Record<string, unknown>>>
}

export async function unpack(response: Response): Promise<Unpacked> {
  const entries = await unpackTar(gunzipSync(await response.arrayBuffer()))
  const texts = new Map(entries.map(({ header, data }) => [header.name, Buffer.from(data ?? []).toString()]))
  const jsonOf = (name: string): never => JSON.parse(texts.get(name) ?? 'null') as never
  const { signatures }: { readonly signatures: readonly string[] } = jsonOf('.signatures.json')
  const [jws = ''] = signatures
  const [header, payload] = jws.split('.').map((part) => Buffer.from(part, 'base64url').toString())
  return {
    names: [...texts.keys()],
    manifest: jsonOf('.manifest'),
    data: jsonOf('data.json'),
    signature: { ...(JSON.parse(header ?? '') as object), ...(JSON.parse(payload ?? '') as object) } as never,
  }
}

/** Of the present epoch. */
export const revocationsOf = ({ data }: Unpacked): Record<string, Record<string, unknown>> =>
  data.cardea_data.news.revocations[data.cardea_data.news.epoch] ?? {}
