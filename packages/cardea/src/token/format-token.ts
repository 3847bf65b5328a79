// A description of a token for people: claims by what they mean, grants as a table, and what would be refused. Text from the token is
// shown, never obeyed.

import type { JsonObject, JsonValue } from '@cardea/token'
import { colors } from '../output/colors.ts'
import { formatDuration, formatTime } from '../output/duration.ts'
import { printable } from '../output/printable.ts'
import { formatTable } from '../output/table.ts'
import { type Binding, type GrantGroup, textOf, type TokenDescription } from './describe-token.ts'
import type { Refusal } from './refusal.ts'

/** So much of one value is shown; `--json` has all. */
const SHOWN_CHARACTERS = 160
const SHOWN_RESOURCES = 8
const SHOWN_GRANTS = 50

export function formatToken(description: TokenDescription, now: number): string {
  const { bold } = colors()
  const { header, bytes, grants, signature } = description
  const rows = claimRows(description, now).map(([label, name, value]) => [`  ${label}`, name, value])
  return [
    bold(`${typeName(header)}, ${bytes.token} bytes, ${SIGNATURE[signature]}`),
    formatTable(
      ['header', '', ''],
      ['alg', 'kid', 'typ'].map((name) => [`  ${MEANINGS[name] ?? ''}`, name, shown(header[name])]),
    ),
    formatTable(['claims', '', ''], rows),
    ...formatMemberships(description),
    ...(grants.length === 0 ? [] : [formatGrants(grants, bytes.grantsAsAuthorizationDetails)]),
    ...formatRefusals(description),
  ].join('\n\n')
}

const SIGNATURE: Readonly<Record<TokenDescription['signature'], string>> = {
  verified: 'signature verified',
  refused: 'signature NOT valid',
  unchecked: 'NOT VERIFIED: this only reads the token',
}

function typeName({ typ }: JsonObject): string {
  return typ === 'at+jwt' || typ === 'application/at+jwt' ? 'access token' : 'token'
}

const MEANINGS: Readonly<Record<string, string>> = {
  alg: 'algorithm',
  kid: 'key',
  typ: 'kind',
  iss: 'issuer',
  aud: 'audience',
  sub: 'subject',
  client_id: 'client',
  tenant: 'tenant',
  jti: 'token id',
  sid: 'session',
  scope: 'scope',
  acr: 'sign-in',
  amr: 'sign-in by',
  auth_time: 'signed in',
  iat: 'issued',
  nbf: 'not before',
  exp: 'ends',
  epoch: 'log',
  seq: 'log position',
  plan: 'claims plan',
  grants_ref: 'grants',
  cnf: 'bound to',
  net: 'networks',
  act: 'acting',
  attrs: 'attributes',
}

/** They have parts of their own below. */
const ELSEWHERE: ReadonlySet<string> = new Set(['grants', 'groups'])
const TIMES: ReadonlySet<string> = new Set(['iat', 'nbf', 'exp', 'auth_time'])

type Row = readonly [label: string, name: string, value: string]

function claimRows(description: TokenDescription, now: number): readonly Row[] {
  const { claims } = description
  const known = Object.keys(MEANINGS).filter((name) => Object.hasOwn(claims, name))
  const others = Object.keys(claims).filter((name) => !Object.hasOwn(MEANINGS, name) && !ELSEWHERE.has(name))
  const rows = known.map((name): Row => [MEANINGS[name] ?? '', name, valueOf(name, description, now)])
  if (description.binding.length === 0) rows.push(['bound to', '', 'nothing: whoever has it can use it'])
  return [...rows, ...others.map((name): Row => ['other', cut(name), shown(claims[name])])]
}

function valueOf(name: string, { claims, plan, binding, actors, grantsBy }: TokenDescription, now: number): string {
  const value = claims[name]
  if (TIMES.has(name) && typeof value === 'number') return `${formatTime(value)} (${distance(name, value, now)})`
  if (name === 'plan' && plan !== null) return `${shown(value)} (${KNOWN[String(plan.known)]})`
  if (name === 'grants_ref') return `${shown(value)} (${NAMED[grantsBy]})`
  if (name === 'cnf') return boundTo(binding) || shown(value)
  if (name === 'act' && actors.length > 0) return cut(`${actors.join(', before that ')}, for the subject`)
  if (name === 'amr' && Array.isArray(value)) return cut(value.map(textOf).join(', '))
  return shown(value)
}

const NAMED: Readonly<Record<TokenDescription['grantsBy'], string>> = {
  token: 'unused',
  set: 'named here, listed below',
  'set, not at hand': 'named here, held by the authority',
}

const KNOWN: Readonly<Record<string, string>> = { true: 'known', false: 'NOT known', null: 'not compared' }

function distance(name: string, seconds: number, now: number): string {
  const far = formatDuration(seconds - now)
  if (name === 'exp') return seconds > now ? `${far} left` : `ended ${far} ago`
  return seconds > now ? `in ${far}` : `${far} ago`
}

function boundTo(binding: readonly Binding[]): string {
  return binding
    .filter(({ kind }) => kind !== 'networks')
    .map(({ kind, value }) => `${kind === 'key' ? 'the DPoP key' : 'the certificate'} ${cut(value)}`)
    .join(' and ')
}

function* formatMemberships({ memberships }: TokenDescription): Generator<string> {
  const rows = Object.entries(memberships).map(([type, ids]) => [`  ${cut(type)}`, listed(ids)])
  if (rows.length > 0) yield formatTable(['memberships', ''], rows)
}

function formatGrants(grants: readonly GrantGroup[], detailsBytes: number): string {
  const rows = grants
    .slice(0, SHOWN_GRANTS)
    .map((grant) => [
      `  ${cut(grant.grantee)}`,
      cut(grant.template),
      cut(grant.resourceType),
      listed(grant.resources),
      grant.until === null ? '' : `${grant.until}${grant.ended ? ' (ended)' : ''}`,
    ])
  const more = grants.length > SHOWN_GRANTS ? `\n  and ${grants.length - SHOWN_GRANTS} more lines; --json has all` : ''
  const table = formatTable(['grants', 'template', 'type', 'resources', 'until'], rows)
  return `${table}${more}\n  as RFC 9396 JSON they would be ${detailsBytes} bytes`
}

function listed(resources: readonly string[]): string {
  const more = resources.length - SHOWN_RESOURCES
  const text = resources.slice(0, SHOWN_RESOURCES).map(cut).join(', ')
  return more > 0 ? `${text} and ${more} more` : text
}

function* formatRefusals({ refusals, needs, unchecked }: TokenDescription): Generator<string> {
  const { red, yellow, green, dim, cyan } = colors()
  const line = ({ code, message, hint }: Refusal): string => {
    const advice = hint === null ? '' : `\n    ${cyan('hint')}  ${printable(hint)}`
    return `  ${printable(message)} ${dim(`(${code})`)}${advice}`
  }
  yield refusals.length === 0
    ? green('nothing of what was checked would be refused')
    : `${red('would be refused')}\n${refusals.map(line).join('\n')}`
  if (needs.length > 0) yield `${yellow('needs with every request')}\n${needs.map(line).join('\n')}`
  yield `${dim('not checked')}\n${unchecked.map((text) => `  ${printable(text)}`).join('\n')}`
}

function shown(value: JsonValue | undefined): string {
  if (value === undefined) return 'none'
  return cut(textOf(value))
}

/** As a terminal may show it, in bounds. */
function cut(text: string): string {
  if (text.length <= SHOWN_CHARACTERS) return printable(text)
  return `${printable(text.slice(0, SHOWN_CHARACTERS).toWellFormed())}... (${text.length} characters)`
}
