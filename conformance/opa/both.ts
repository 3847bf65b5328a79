// A guard and a stock OPA in the same state of the world, asked the same question.

import type { Revocation, RevocationKey } from '@cardea/feed'
import { DeniedError } from '@cardea/guard'
import { opaNewsContent, opaPolicyFiles, printOpaJson, type OpaObject } from '@cardea/opa'
import { Document, documentNamed, POLICIES, schema } from '../../packages/guard/test/support/documents.ts'
import { createFakeFeed, type FakeFeed, openBundleOf } from '../../packages/guard/test/support/fake-feed.ts'
import { AUDIENCE, ISSUER, JWKS, NOW, OFFICE, PLAN, requestWith } from '../../packages/guard/test/support/world.ts'
import { evalOpa } from '../../tools/opa.ts'

export interface Question {
  readonly token: string
  readonly action?: keyof (typeof schema)['actions']
  readonly document?: string | null
  readonly context?: object
  readonly address?: string
  readonly tenant?: string
  /** A guard answers with a sign-in that a policy advises. */
  readonly hasAdvice?: boolean
  readonly world?: (world: World) => void
}

/** What both decide by. */
export interface Setting {
  readonly definition: typeof schema
  readonly policies: readonly { readonly file: string; readonly text: string }[]
}

/** As a fake feed begins. */
export const PRESENT: Setting = { definition: schema, policies: POLICIES }

/** What both are told. */
export class World {
  readonly feed: FakeFeed = createFakeFeed()
  /** Of the policies that both decide by. */
  readonly revision: number
  readonly revocations: Revocation[] = []
  tenants: readonly string[] | undefined

  constructor(setting: Setting) {
    if (setting !== PRESENT) this.feed.publish(setting.policies, setting.definition)
    this.revision = revisionOf(setting)
  }

  revoke(key: RevocationKey, seq?: number): void {
    this.feed.revoke(key, seq)
    const at = { epoch: this.feed.position.epoch, seq: seq ?? this.feed.position.seq }
    this.revocations.push({ key, at, revokedAtSeconds: NOW, expiresAtSeconds: NOW + 600 })
  }

  get news(): OpaObject {
    const { feed, revocations, tenants } = this
    const { data } = opaNewsContent({
      issuer: ISSUER,
      audience: AUDIENCE,
      position: feed.position,
      timeSeconds: feed.now - feed.ageSeconds,
      policy: { revision: this.revision, sinceSeconds: NOW - 1000 },
      tenants,
      subjectKey: 'A'.repeat(43),
      keys: JWKS,
      revocations,
    })
    return data
  }
}

/** The HTTP status, the decision, its reason and the policies that determined it. */
export async function askGuard(question: Question, { feed }: World): Promise<string> {
  const { token, action = 'view', document = 'plan', context, address = OFFICE, tenant } = question
  let status = 200
  try {
    const more = { address, ...(tenant === undefined ? {} : { tenant }) }
    const auth = await feed.guard.authenticate(requestWith(token === '' ? undefined : token, more))
    auth.authorize(action, document === null ? undefined : Document(documentNamed(document)), context as never)
  } catch (error) {
    if (!(error instanceof DeniedError)) throw error
    status = error.status
  }
  const last = feed.events.at(-1)
  if (last === undefined) return 'nothing'
  return answerText(question, { ...last, status, determining: last.policies })
}

/** Advice is a guard's alone, and with it a sign-in as the answer to a deny. */
function answerText({ hasAdvice = false }: Pick<Question, 'hasAdvice'>, answer: OpaAnswer): string {
  const { decision, reason, determining, status } = answer
  const policies = decision === 'allow' || reason.startsWith('forbid') ? determining.toSorted() : []
  return `${hasAdvice ? 'advice' : status} ${decision} ${reason} ${policies.join(' ')}`.trim()
}

export interface Asked extends Pick<Question, 'hasAdvice'> {
  readonly input: OpaObject
  readonly news: OpaObject
  /** In the place of what the bundle says. */
  readonly settings?: OpaObject
}

interface OpaAnswer {
  readonly status: number
  readonly decision: string
  readonly reason: string
  readonly determining: readonly string[]
}

export async function askOpa(command: string, asked: readonly Asked[], setting: Setting): Promise<string[]> {
  // every plan that a living token may have been packed with
  const plans = setting === PRESENT ? [] : [PLAN]
  const bundle = openBundleOf(revisionOf(setting), setting.policies, setting.definition, plans)
  const { modules, data } = opaPolicyFiles(bundle, {
    issuer: ISSUER,
    principalType: 'User',
    clientType: 'Client',
    maxLifetimeSeconds: 86_400,
  })
  const questions = asked.map(({ input, news, settings = {} }) => ({ input, news, settings }))
  const answers = (await evalOpa(command, {
    files: [...modules, ['data.json', printOpaJson(data)], ['test.rego', ASKING]],
    input: printOpaJson({ asked: questions }),
    query: 'data.asking.answers',
  })) as readonly OpaAnswer[]
  return answers.map((answer, index) => answerText(asked[index] ?? {}, answer))
}

const ASKING = `package asking

answers := [answer |
	some question in input.asked
	settings := object.union(data.cardea_data.settings, question.settings)
	answer := data.cardea.authz.decision with input as question.input with data.cardea_data.news as question.news with data.cardea_data.settings as settings with time.now_ns as ${NOW}000000000
]
`

export function inputOf(question: Question): OpaObject {
  const { token, action = 'view', document = 'plan', context = {}, address = OFFICE, tenant } = question
  return {
    token,
    action,
    resource: document === null ? null : resourceOf(document),
    context: context as OpaObject,
    request: { scheme: 'Bearer', address, ...(tenant === undefined ? {} : { tenant }) },
  }
}

export function resourceOf(id: string): OpaObject {
  const row = documentNamed(id)
  return {
    type: 'Document',
    id,
    attributes: { tenant: row.tenant_id, owner: row.owner_id, classified: row.classified === 1 },
    parents: [{ type: 'Folder', id: row.folder_id }],
  }
}

export function newsOf(world: World): OpaObject {
  const { cardea_data: data } = JSON.parse(printOpaJson(world.news)) as {
    readonly cardea_data: { readonly news: OpaObject }
  }
  return data.news
}

/** The digest of the plan that a new token is packed by. */
export function planOf({ policies, definition }: Setting): string {
  const [plan] = openBundleOf(2, policies, definition, []).content.plans
  if (plan === undefined) throw new TypeError('a bundle has a plan')
  return plan.digest
}

/** A fake feed begins with 1 and counts what is published. */
function revisionOf(setting: Setting): number {
  return setting === PRESENT ? 1 : 2
}
