// What a guard looks up for each request among many revocations, a quarter each of sessions, tokens, people and grants, the last two
// under keyed hashes as the feed names them: whether the token stands, and which of its caller's grants are left.

import { randomUUID } from 'node:crypto'
import {
  createRevocations,
  createSubjectKey,
  createSubjectNames,
  hideSubject,
  type RevocableToken,
  type RevocationKey,
  type Revocations,
  type SubjectNames,
} from '@cardea/feed'
import { ISSUER, TENANT, uuidOf } from '../authority/world.ts'
import { measure, type MeasureOptions, type Subject } from '../harness.ts'
import { answerQuestions } from '../process.ts'
import { CALLERS_GRANTS, createCallersLinks } from './callers-links.ts'

export interface LookUps {
  readonly entries: number
  readonly measuring: MeasureOptions
}

/** Nanoseconds of one look-up, by subject. */
export type LookUpTimes = Readonly<Record<'token' | 'links', ReadonlyMap<string, number>>>

const NOW = 1_790_000_000
const AT = { epoch: 'MTIzNDU2Nzg5MDEy', seq: 1 }
/** Callers who come back, and more than a guard remembers the names of. */
const KNOWN = 64
const NEW = 20_000

async function lookUps({ entries, measuring }: LookUps): Promise<LookUpTimes> {
  const key = createSubjectKey()
  // each with a memory of its own, as guards have
  const names = (): SubjectNames => createSubjectNames(() => key)
  const many = (tenant: string): Revocations => manyRevocations({ entries, tenant, names: names() })
  const token = await measure(
    [
      tokenSubject('nothing revoked', createRevocations({ now: () => NOW, names: names() }), KNOWN),
      tokenSubject('nobody of the tenant revoked', many('another tenant'), KNOWN),
      tokenSubject('others of the tenant revoked', many(TENANT), KNOWN),
      tokenSubject('others revoked, caller not seen before', many(TENANT), NEW, verifiedAnew),
      tokenSubject(
        'others revoked, plain names',
        manyRevocations({ entries, tenant: TENANT, names: undefined }),
        KNOWN,
      ),
    ],
    measuring,
  )
  const links = await measure(
    [
      await linksSubject('nothing new', many(TENANT), { isNews: false, isOwn: false }),
      await linksSubject('news, no grant of the caller', many(TENANT), { isNews: true, isOwn: false }),
      await linksSubject('news, one grant of the caller', many(TENANT), { isNews: true, isOwn: true }, names()),
    ],
    measuring,
  )
  return { token, links }
}

interface Many {
  readonly entries: number
  readonly tenant: string
  /** Without them people are named as tokens name them. */
  readonly names: SubjectNames | undefined
}

function manyRevocations({ entries, tenant, names }: Many): Revocations {
  const revocations = createRevocations({ now: () => NOW, ...(names === undefined ? {} : { names }) })
  for (let index = 0; index < entries; index += 1) {
    const key = KINDS[index % KINDS.length]?.(tenant) ?? { kind: 'all' }
    revoke(revocations, names === undefined ? key : hideSubject(key, names), index)
  }
  if (revocations.size !== entries) throw new Error(`${revocations.size} of ${entries} entries are there`)
  return revocations
}

const KINDS: readonly ((tenant: string) => RevocationKey)[] = [
  () => ({ kind: 'session', sid: randomUUID() }),
  () => ({ kind: 'token', iss: ISSUER, jti: randomUUID() }),
  (tenant) => ({ kind: 'principal', tenant, sub: randomUUID() }),
  (tenant) => grantKey(tenant, `Team::"${randomUUID()}"`, randomUUID()),
]

function grantKey(tenant: string, grantee: string, document: string): RevocationKey {
  return { kind: 'grant', tenant, grantee, template: 'viewer', resource: `Document::"${document}"` }
}

/** Later in the log than any token here. */
function revoke(revocations: Revocations, key: RevocationKey, index: number): void {
  const at = { ...AT, seq: AT.seq + 1 + index }
  revocations.add({ key, at, revokedAtSeconds: NOW, expiresAtSeconds: NOW + 360 })
}

/** As of a token that was not verified before: nothing is remembered of its claims. */
function verifiedAnew({ claims, keyId }: RevocableToken): RevocableToken {
  return { claims: { ...claims }, keyId }
}

/** So many callers one after the other, each with a token that stands. */
function tokenSubject(
  name: string,
  revocations: Revocations,
  callers: number,
  seen: (token: RevocableToken) => RevocableToken = (token) => token,
): Subject {
  const tokens = Array.from({ length: callers }, (_, index) => tokenOf(uuidOf(`caller ${index}`)))
  let next = 0
  const look = (): boolean => revocations.matchToken(seen(tokens[next++ % callers] ?? tokenOf(''))) === undefined
  if (!tokens.every(look)) throw new Error(`${name}: a token that stands is revoked`)
  return { name, cases: KNOWN, run: look }
}

function tokenOf(sub: string): RevocableToken {
  const claims = { iss: ISSUER, sub, iat: NOW, jti: uuidOf(`jti ${sub}`), sid: uuidOf(`sid ${sub}`) }
  return { claims: { ...claims, client_id: 'web', tenant: TENANT, ...AT }, keyId: 'the present key' }
}

/** `isNews`: something was revoked before every look, `isOwn`: one of the caller's grants was taken back. */
async function linksSubject(
  name: string,
  revocations: Revocations,
  { isNews, isOwn }: { readonly isNews: boolean; readonly isOwn: boolean },
  names?: SubjectNames,
): Promise<Subject> {
  const { count, own } = await createCallersLinks({ revocations, now: () => NOW, at: AT, isNews })
  if (isOwn && names !== undefined) revoke(revocations, hideSubject(own, names), revocations.size)
  const left = count()
  if (left !== CALLERS_GRANTS - (isOwn ? 1 : 0)) throw new Error(`${name}: ${left} grants are left`)
  return { name, cases: 1, run: () => count() > 0 }
}

answerQuestions({ lookUps }, async () => {})
