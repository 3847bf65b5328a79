// Guards by the hundred in one process: each a real feed client with credentials of its own, following the authority. What it
// denies, and when, is found by looking up the token at every change, as a request of that moment would.

import { createFeedClient, type FeedClient, type RevocableToken } from '@cardea/feed'
import { createLocalKeys, type JsonWebKeySet } from '@cardea/token'
import { AUDIENCE, basic, CLIENTS, ISSUER } from '../authority/world.ts'
import { answerQuestions, childArgument, sharedClock } from '../process.ts'

export interface ServeGuards {
  readonly url: string
  readonly bundleKeys: JsonWebKeySet
  readonly count: number
}

/** Guards that start at one time; a thousand services are not started in one second either. */
const STARTED_TOGETHER = 25

const { url, bundleKeys, count } = childArgument() as ServeGuards
const guards: FeedClient[] = []
let interruptions = 0

interface Watch {
  readonly sid: string
  readonly deniedAt: number[]
  readonly denied: Set<FeedClient>
  readonly all: PromiseWithResolvers<void>
}
let watch: Watch | undefined

async function startGuard(): Promise<void> {
  const guard = createFeedClient({
    authority: url,
    audience: AUDIENCE,
    credentials: createCredentials(),
    bundleKeys: createLocalKeys(bundleKeys),
    startTimeoutMilliseconds: 120_000,
    requestTimeoutMilliseconds: 60_000,
    log: ({ level }) => {
      if (level !== 'info') interruptions += 1
    },
  })
  await guard.start()
  guard.subscribe(() => look(guard))
  guards.push(guard)
}

/** A token of its own, as each guard has, for as long as a run takes. */
function createCredentials(): () => Promise<string> {
  let asked: Promise<string> | undefined
  const ask = async (): Promise<string> => {
    const response = await fetch(`${url}/token`, {
      method: 'POST',
      headers: { authorization: basic(CLIENTS.guard), 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials',
    })
    const { access_token: token } = (await response.json()) as { readonly access_token: string }
    return token
  }
  return () => (asked ??= ask())
}

function look(guard: FeedClient): void {
  if (watch === undefined || watch.denied.has(guard)) return
  const { position, revocations } = guard.state()
  if (revocations.matchToken(tokenOf(watch.sid, position.epoch)) === undefined) return
  watch.deniedAt.push(sharedClock())
  watch.denied.add(guard)
  if (watch.denied.size === guards.length) watch.all.resolve()
}

function tokenOf(sid: string, epoch: string): RevocableToken {
  return { claims: { iss: ISSUER, sub: 'ann', iat: 0, sid, epoch, seq: 0 }, keyId: 'kid' }
}

answerQuestions(
  {
    start: async () => {
      for (let begun = 0; begun < count; begun += STARTED_TOGETHER) {
        await Promise.all(Array.from({ length: Math.min(STARTED_TOGETHER, count - begun) }, startGuard))
      }
    },
    watch: (sid: string) => {
      watch = { sid, deniedAt: [], denied: new Set(), all: Promise.withResolvers() }
    },
    /** When each guard first denied, once all have. */
    denials: async () => {
      await watch?.all.promise
      return watch?.deniedAt
    },
    /** The oldest news that any guard works with, and how often one lost its authority. */
    standing: () => ({ oldestSeconds: Math.max(...guards.map((guard) => guard.ageSeconds())), interruptions }),
  },
  async () => {
    await Promise.all(guards.map((guard) => guard.close()))
  },
)
