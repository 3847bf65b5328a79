// The feed of each audience, as a guard follows it: the head, the stream, the bundle, and whether the published policies fit those here.

import type { Settings } from '@cardea/authority'
import { createPlan, planCovers } from '@cardea/claims'
import {
  type Authority,
  bundleDigest,
  createAuthority,
  FeedError,
  formatPosition,
  openBundle,
  type OpenBundle,
  type Place,
} from '@cardea/feed'
import { createSchema, parsePolicySources } from '@cardea/policy'
import { createLocalKeys, SIGNATURE_ALGORITHMS } from '@cardea/token'
import { formatDuration } from '../output/duration.ts'
import { digestOf, portable } from '../sources.ts'
import type { Reached } from './authority-checks.ts'
import { type Check, fail, failed, ok, warn } from './check.ts'
import type { Found } from './project-checks.ts'

type Audience = Settings['audiences'][number]

const TIMEOUT_MILLISECONDS = 5000
const STREAM_MILLISECONDS = 3000

export async function* feedChecks(settings: Settings, found: Found, reached: Reached): AsyncGenerator<Check> {
  const { url, token, clientId } = reached
  if (url === undefined || token === undefined) return
  const authority = createAuthority({
    url,
    credentials: () => Promise.resolve(token),
    fetch: globalThis.fetch,
    timeoutMilliseconds: TIMEOUT_MILLISECONDS,
  })
  for (const audience of audiencesOf(settings, clientId))
    yield* audienceChecks(authority, audience, settings, found, reached)
}

/** A configured guard is asked for what it follows; whoever else has these credentials may follow everything, or is told so. */
function audiencesOf({ clients, audiences }: Settings, clientId: string | undefined): readonly Audience[] {
  const client = clients.find(({ id }) => id === clientId)
  if (client === undefined || client.roles.includes('admin')) return audiences
  return audiences.filter(({ id }) => client.audiences.includes(id))
}

async function* audienceChecks(
  authority: Authority,
  audience: Audience,
  settings: Settings,
  found: Found,
  reached: Reached,
): AsyncGenerator<Check> {
  const { id } = audience
  const feed = `feed ${id}`
  const { signal } = new AbortController()
  let bundle: OpenBundle | undefined
  try {
    const startedAt = performance.now()
    const { position, view } = await authority.head(id, signal)
    yield ok(feed, `the head is at ${formatPosition(position)}, in ${Math.round(performance.now() - startedAt)} ms`)
    yield await streamCheck(authority, id, { position, view })
  } catch (error) {
    yield failed(feed, error, refusedHint(error))
    return
  }
  try {
    const snapshot = await authority.snapshot(id, signal)
    if (snapshot.bundle === undefined) {
      const message = 'no policies were published for it, so a guard does not start'
      yield fail(`bundle ${id}`, { code: 'ERR_FEED_START', message, hint: 'run `cardea publish`' })
      return
    }
    const signed = await authority.bundle(snapshot.bundle.digest, signal)
    if (bundleDigest(signed) !== snapshot.bundle.digest) throw new FeedError('ERR_FEED_BUNDLE_DIGEST')
    bundle = await openBundle(signed, {
      keys: createLocalKeys(reached.bundleKeys ?? { keys: [] }),
      // a present bundle may be from before the configuration was changed; each key is bound to one
      algorithms: SIGNATURE_ALGORITHMS,
      audience: id,
      minimumRevision: snapshot.bundle.revision,
      now: () => snapshot.now,
    })
    yield expiryCheck(bundle, snapshot.now, settings.bundleSeconds, id)
  } catch (error) {
    yield failed(`bundle ${id}`, error, 'are the pinned keys those of this authority? guards refuse this bundle, too')
    return
  }
  yield* policyChecks(bundle, audience, found)
}

/** The first bytes of a stream come at once; a proxy that collects answers holds them back. */
async function streamCheck(authority: Authority, audience: string, from: Place): Promise<Check> {
  const name = `stream ${audience}`
  const stop = new AbortController()
  const late = setTimeout(() => stop.abort(), STREAM_MILLISECONDS)
  try {
    const stream = await authority.events(audience, from, stop.signal)
    if (stream === 'gone') return ok(name, 'a change came in between')
    const reader = stream.getReader()
    const stopped = Promise.withResolvers<'late'>()
    stop.signal.addEventListener('abort', () => stopped.resolve('late'), { once: true })
    const first = await Promise.race([reader.read(), stopped.promise])
    if (first !== 'late') return ok(name, 'events come through')
  } catch (error) {
    if (!stop.signal.aborted) return failed(name, error, 'a proxy in between may not pass event streams')
  } finally {
    clearTimeout(late)
    stop.abort()
  }
  return warn(name, {
    code: 'ERR_FEED_FETCH',
    message: `no event came through within ${STREAM_MILLISECONDS / 1000} s: a proxy collects answers`,
    hint: 'turn buffering off for `/v1/feed/events`; until then each change is noticed by a probe and fetched as a snapshot',
  })
}

function refusedHint(error: unknown): string {
  return error instanceof FeedError && error.code === 'ERR_FEED_REFUSED'
    ? "this client may not follow it: use its guard's credentials, or an administrator's"
    : 'check what stands between this machine and the authority'
}

/** The authority signs again at half of the time, so less than a quarter says that it did not. */
function expiryCheck({ content }: OpenBundle, now: number, bundleSeconds: number, audience: string): Check {
  const left = content.notAfterSeconds - now
  const message = `revision ${content.revision} opens, ${formatDuration(left)} left`
  if (left > bundleSeconds / 4) return ok(`bundle ${audience}`, message)
  const hint = 'an authority that runs signs it again in time: was it stopped for long? look at its log'
  return warn(`bundle ${audience}`, { code: 'ERR_FEED_BUNDLE_EXPIRED', message, hint })
}

async function* policyChecks(bundle: OpenBundle, audience: Audience, found: Found): AsyncGenerator<Check> {
  const name = `plan ${audience.id}`
  const { content, program, schema } = bundle
  const actions = audience.actions === undefined ? {} : { actions: audience.actions }
  const [plan] = content.plans
  const required = createPlan({ policies: program.policies, schema, ...actions })
  const lacking = plan === undefined ? ['everything'] : planCovers(plan, required)
  if (plan === undefined || lacking.length > 0) {
    yield fail(name, outdated('tokens lack what the published policies read', lacking, 'publish the policies again'))
    return
  }
  const { sources, definition } = found
  if (sources === undefined || definition === undefined) {
    yield ok(name, `${plan.digest} has what the published policies read`)
    return
  }
  const unknown = Object.keys(definition.actions).filter((action) => schema.action(action) === undefined)
  if (unknown.length > 0) {
    const message = `the published schema lacks actions of this one: ${unknown.join(', ')}`
    yield fail(name, { code: 'ERR_POLICY_REQUEST_ACTION', message, hint: 'run `cardea publish`: a guard denies them' })
    return
  }
  const { policies } = parsePolicySources(portable(sources).policies)
  const missing = planCovers(plan, createPlan({ policies, schema: createSchema(definition), ...actions }))
  if (missing.length > 0)
    yield fail(name, outdated('tokens lack what the policies here read', missing, 'run `cardea publish`'))
  else yield ok(name, `${plan.digest} has what the policies read`)
  if ((await digestOf(sources)) === content.digest) yield ok(`policies ${audience.id}`, 'the published ones are these')
  else {
    const message = `revision ${content.revision} is of other policies than these`
    const hint = 'run `cardea publish`, or take up what was published'
    yield warn(`policies ${audience.id}`, { code: 'ERR_COMMAND_SETTING', message, hint })
  }
}

function outdated(what: string, missing: readonly string[], hint: string): Parameters<typeof fail>[1] {
  const more = missing.length > 5 ? ` and ${missing.length - 5} more` : ''
  return { code: 'ERR_CLAIMS_PLAN', message: `${what}: ${missing.slice(0, 5).join(', ')}${more}`, hint }
}
