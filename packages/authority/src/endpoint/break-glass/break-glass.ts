// Making a break-glass statement: what it may say, its signature, and the record of who wanted it and why. INVARIANT: no statement leaves
// here before its record is kept.

import { randomUUID } from 'node:crypto'
import { BREAK_GLASS_LIMITS, type BreakGlass, signBreakGlass } from '@cardea/feed'
import { formatEntityUid } from '@cardea/policy'
import { z } from 'zod'
import { AuthorityError } from '../../errors.ts'
import { AudienceEntity } from '../../own-policy/own-entities.ts'
import type { Parts } from '../../parts.ts'

const MAX_REASON = 500
const name = z.string().min(1).max(BREAK_GLASS_LIMITS.nameLength)
/** An empty list would be read as nobody by one and as everybody by another. */
const names = z.array(name).min(1).max(BREAK_GLASS_LIMITS.names)

const request = z.strictObject({
  /** Whose guards may use it. */
  audience: name,
  /** How long it counts. */
  forSeconds: z.int().min(1).max(BREAK_GLASS_LIMITS.lifeSeconds),
  /** How old the news may be. */
  maxStaleSeconds: z.int().min(1).max(BREAK_GLASS_LIMITS.maxStaleSeconds),
  /** Why, for who reads the audit. It cannot be erased there: no person belongs into it. */
  reason: z
    .string()
    .trim()
    .min(1)
    .max(MAX_REASON)
    .refine((text) => !/\p{Cc}/u.test(text), 'no control characters'),
  /** Left out: all. */
  actions: names.optional(),
  /** Left out: all guards of the audience. */
  clients: names.optional(),
})

export type BreakGlassRequest = z.output<typeof request>

export interface BreakGlassMade {
  readonly statement: BreakGlass
  /** The text for the guards' file. */
  readonly signed: string
}

/** Who asked for it; over HTTP. */
interface Asker {
  /** `undefined`: whoever can open the database. */
  readonly principal?: string
  /** Of the decision that allowed it. */
  readonly policies: readonly string[]
  readonly correlation: string
}

export const LOCAL_ASKER: Omit<Asker, 'correlation'> = { policies: [] }

/**
 * Errors: `ERR_AUTHORITY_BREAK_GLASS` for what it may not say, `ERR_AUTHORITY_AUDIENCE_UNKNOWN`, `ERR_AUTHORITY_SIGNER`, and those of the
 * store.
 */
export async function makeBreakGlass(given: unknown, asker: Asker, parts: Parts): Promise<BreakGlassMade> {
  const { reason, ...wanted } = readRequest(given)
  await checkNames(wanted, parts)
  const { settings, store, keys, decisions, now } = parts
  const [{ epoch }, known] = await store.read(async (view) => [await view.position(), await view.keys()] as const)
  const iat = Math.floor(now())
  const { audience: aud, forSeconds, maxStaleSeconds, actions, clients } = wanted
  const statement: BreakGlass = {
    jti: randomUUID(),
    iss: settings.issuer,
    aud,
    epoch,
    iat,
    exp: iat + forSeconds,
    maxStaleSeconds,
    ...(actions === undefined ? {} : { actions }),
    ...(clients === undefined ? {} : { clients }),
    killed: known.filter(({ purpose, state }) => purpose === 'access' && state === 'killed').map(({ kid }) => kid),
  }
  const signed = await signBreakGlass(statement, keys.signer('bundle'))
  decisions.report({
    decision: 'allow',
    reason: 'permit',
    checkpoint: 'resource',
    action: 'breakGlass',
    ...asker,
    resource: formatEntityUid(AudienceEntity({ id: aud }).entity.uid),
    breakGlass: statement.jti,
    note: reason,
    statement,
  })
  await decisions.flush()
  return { statement, signed }
}

function readRequest(given: unknown): BreakGlassRequest {
  const parsed = request.safeParse(given)
  if (parsed.success) return parsed.data
  const place = parsed.error.issues[0]?.path.map(String).join('.') ?? ''
  const what = place === '' ? 'the request' : `\`${place}\``
  throw refused(`${what} is missing or has the wrong form`, LIMITS)
}

const LIMITS = `\`forSeconds\` and \`maxStaleSeconds\` go to a day, and \`reason\` says why in ${MAX_REASON} characters`

/** A name that is misspelt would be found out in the emergency. Errors: `ERR_AUTHORITY_BREAK_GLASS`, `ERR_AUTHORITY_AUDIENCE_UNKNOWN`. */
async function checkNames(
  { audience, actions = [], clients = [] }: Omit<BreakGlassRequest, 'reason'>,
  parts: Parts,
): Promise<void> {
  if (!parts.settings.audiences.some(({ id }) => id === audience)) {
    throw new AuthorityError('ERR_AUTHORITY_AUDIENCE_UNKNOWN')
  }
  const schema = parts.publisher.current()?.schema
  const unknown = actions.find((action) => schema?.action(action) === undefined)
  if (unknown !== undefined) throw refused(`the published schema has no action \`${unknown}\``)
  for (const id of clients) {
    const client = await parts.clients.find(id)
    if (client?.roles.includes('guard') === true && client.audiences.includes(audience)) continue
    throw refused(`no guard of the audience has the id \`${id}\``)
  }
}

function refused(message: string, hint?: string): AuthorityError {
  return new AuthorityError('ERR_AUTHORITY_BREAK_GLASS', message, hint === undefined ? {} : { hint })
}
