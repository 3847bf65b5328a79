// The live authority, in the order in which a guard meets it: address, issuer, clock, keys, credentials. INVARIANT: a secret goes to nobody
// who does not name the configured issuer.

import { metadataPath, type Settings } from '@cardea/authority'
import { createLocalKeys, type JsonWebKeySet, reportKeySet } from '@cardea/token'
import { z } from 'zod'
import { answerOf, authorityUrl, fetchToken, request } from '../authority-client.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import { loadCredentials } from '../credentials.ts'
import { readJson } from '../input/read-json.ts'
import { formatDuration } from '../output/duration.ts'
import { type Check, fail, failed, ok, warn } from './check.ts'

/** What the checks of the feeds go on with. */
export interface Reached {
  url?: string
  token?: string
  clientId?: string
  /** The pinned keys, else those that the authority publishes. */
  bundleKeys?: JsonWebKeySet
}

/** `iat` and `nbf` may lie so far ahead at a verifier (the same in `@cardea/token`); beyond it fresh tokens are refused. */
const BAD_SKEW_SECONDS = 10
/** The header has whole seconds, and the answer takes its time. */
const NOTED_SKEW_SECONDS = 2

export async function* authorityChecks(
  loaded: LoadedConfig,
  settings: Settings,
  keysFile: string | undefined,
  reached: Reached,
): AsyncGenerator<Check> {
  try {
    const url = authorityUrl(loaded)
    const askedAt = Date.now()
    const response = await request(`${new URL(url).origin}${metadataPath('oauth-authorization-server', url)}`, {})
    const answeredAt = Date.now()
    const { issuer } = await answerOf(response, z.looseObject({ issuer: z.string() }))
    yield ok('authority', `${url} answers in ${answeredAt - askedAt} ms`)
    yield clockCheck(response.headers.get('date'), (askedAt + answeredAt) / 2000)
    if (issuer !== settings.issuer) {
      yield fail('issuer', {
        code: 'ERR_TOKEN_ISSUER',
        message: `it names itself ${issuer}, and the configuration says ${settings.issuer}`,
        hint: 'set `authority.url` to that, byte for byte: it stands in every token',
      })
      return
    }
    yield ok('issuer', 'the one of the configuration, byte for byte')
    reached.url = url
  } catch (error) {
    yield failed('authority', error, 'is it running, and is `authority.url` its address?')
    return
  }
  yield await keySetCheck(reached.url, settings)
  yield* bundleKeyChecks(reached.url, keysFile, reached)
  yield await credentialsCheck(loaded, reached.url, reached)
}

function clockCheck(date: string | null, middleSeconds: number): Check {
  const theirs = date === null ? Number.NaN : Date.parse(date) / 1000
  if (Number.isNaN(theirs)) {
    const message = 'the authority does not say its time'
    return warn('clock', { code: 'ERR_COMMAND_CLOCK', message, hint: 'a proxy in between takes the `Date` header out' })
  }
  // within its second, on average half of one
  const ahead = Math.round(middleSeconds - (theirs + 0.5))
  if (Math.abs(ahead) <= NOTED_SKEW_SECONDS) return ok('clock', "within 2 s of the authority's")
  const fault = {
    code: 'ERR_COMMAND_CLOCK',
    message: `this clock is ${formatDuration(ahead)} ${ahead > 0 ? 'ahead of' : 'behind'} the authority's`,
    hint: 'set both by NTP; a guard takes no token from more than 10 s ahead',
  }
  return Math.abs(ahead) > BAD_SKEW_SECONDS ? fail('clock', fault) : warn('clock', fault)
}

async function keySetCheck(url: string, { algorithm: { access: algorithm } }: Settings): Promise<Check> {
  try {
    const { keys } = await reportKeySet(`${url}/jwks`)
    const fitting = keys.filter((key) => key.algorithm === algorithm)
    if (fitting.length > 0) return ok('token keys', `${fitting.length} of ${algorithm}`)
    return fail('token keys', {
      code: 'ERR_COMMAND_KEYS',
      message: `none of the ${keys.length} published keys is of ${algorithm}, which the configuration says`,
      hint: 'the running authority has another `algorithm`: start it again, or mend the configuration',
    })
  } catch (error) {
    return failed('token keys', error, 'guards in other places read `/jwks`: it must be reachable')
  }
}

async function* bundleKeyChecks(url: string, file: string | undefined, reached: Reached): AsyncGenerator<Check> {
  const name = 'bundle keys'
  try {
    const published = (await answerOf(await request(`${url}/v1/bundle-keys`, {}), keySet)) as JsonWebKeySet
    const theirs = createLocalKeys(published)
    reached.bundleKeys = published
    if (file === undefined) {
      yield warn(name, {
        code: 'ERR_COMMAND_KEYS',
        message: `${published.keys.length} published, compared with none that are pinned`,
        hint: 'give --keys FILE: what the guards have as `bundleKeys`',
      })
      return
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the key room reads every member itself
    const pinned = (await readJson(file)) as JsonWebKeySet
    const ours = createLocalKeys(pinned)
    reached.bundleKeys = pinned
    const kids = published.keys.map(({ kid }) => String(kid))
    const unpinned = kids.filter((kid) => ours.key(kid)?.thumbprint !== theirs.key(kid)?.thumbprint)
    const fault = {
      code: 'ERR_COMMAND_KEYS',
      message: `of ${kids.length} published keys ${unpinned.length} are not pinned: ${unpinned.join(', ')}`,
      hint: 'pin what the authority answers at `/v1/bundle-keys`, had over a way that you trust',
    }
    if (unpinned.length === 0) yield ok(name, `all ${kids.length} published ones are pinned`)
    else yield unpinned.length === kids.length ? fail(name, fault) : warn(name, fault)
  } catch (error) {
    yield failed(name, error, 'check --keys, and that the authority answers at `/v1/bundle-keys`')
  }
}

const keySet = z.looseObject({ keys: z.array(z.looseObject({ kid: z.string(), kty: z.string() })) })

async function credentialsCheck(loaded: LoadedConfig, url: string, reached: Reached): Promise<Check> {
  try {
    const credentials = await loadCredentials(loaded.folder, url)
    reached.token = await fetchToken(url, credentials)
    reached.clientId = credentials.id
    return ok('credentials', `the authority knows the client ${credentials.id}`)
  } catch (error) {
    return failed('credentials', error, 'check CARDEA_CLIENT_ID and CARDEA_CLIENT_SECRET')
  }
}
