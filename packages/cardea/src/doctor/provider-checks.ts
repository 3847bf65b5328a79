// Each identity provider as the authority will meet it: its discovery document, its key set, its algorithms.

import { discoverProvider, type Settings } from '@cardea/authority'
import { createLocalKeys, reportKeySet } from '@cardea/token'
import { type Check, fail, failed, ok } from './check.ts'

type Provider = Settings['providers'][number]

export async function* providerChecks({ providers }: Settings): AsyncGenerator<Check> {
  for (const provider of providers) yield* providerCheck(provider)
}

async function* providerCheck(provider: Provider): AsyncGenerator<Check> {
  const { issuer, keys, jwksUri, algorithms } = provider
  const name = `provider ${issuer}`
  try {
    if (keys !== undefined) {
      createLocalKeys(keys)
      yield ok(name, 'its keys stand in the configuration')
      return
    }
    let keysUrl = jwksUri
    if (keysUrl === undefined) {
      const discovered = await discoverProvider(issuer, globalThis.fetch)
      keysUrl = discovered.keysUrl
      const said = discovered.algorithms
      if (said !== undefined && !said.some((algorithm) => isIn(algorithm, algorithms))) {
        yield mismatch(name, 'says that it signs with', said, algorithms)
        return
      }
    }
    const report = await reportKeySet(keysUrl)
    const usable = report.keys.filter(({ algorithm }) => algorithms.includes(algorithm))
    if (usable.length === 0) {
      const published = report.keys.map(({ algorithm }) => algorithm)
      yield mismatch(name, 'publishes keys of', published, algorithms)
    } else yield ok(name, `discovered, ${usable.length} of ${report.keys.length + report.unusable} keys usable`)
  } catch (error) {
    yield failed(name, error, 'check `issuer` and `jwksUri`, and that this machine reaches them')
  }
}

function isIn(algorithm: string, algorithms: readonly string[]): boolean {
  return algorithms.includes(algorithm)
}

function mismatch(name: string, what: string, found: readonly string[], wanted: readonly string[]): Check {
  const list = [...new Set(found)].slice(0, 8).join(', ')
  return fail(name, {
    code: 'ERR_TOKEN_ALGORITHM',
    message: `it ${what} ${list === '' ? 'nothing that is supported' : list}, and the configuration takes ${wanted.join(', ')}`,
    hint: 'set `algorithms` of the provider to what it signs ID tokens with',
  })
}
