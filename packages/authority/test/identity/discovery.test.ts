// Where a provider's keys are: what its discovery document says, read with suspicion.

import { describe, expect, test } from 'vitest'
import { discoverKeysUrl, discoverProvider } from '../../src/identity/discovery.ts'

const IDP = 'https://idp.example'

function answering(answer: () => Response): {
  fetch: typeof globalThis.fetch
  asked: [string, RequestInit | undefined][]
} {
  const asked: [string, RequestInit | undefined][] = []
  return {
    asked,
    fetch: async (input, init) => {
      asked.push([String(input instanceof Request ? input.url : input), init])
      return answer()
    },
  }
}

describe('discovery', () => {
  test('asks the issuer, follows no redirect, and takes its word', async () => {
    const { fetch, asked } = answering(() => Response.json({ issuer: IDP, jwks_uri: `${IDP}/keys` }))
    expect(await discoverKeysUrl(IDP, fetch)).toBe(`${IDP}/keys`)
    expect(asked).toHaveLength(1)
    expect(asked[0]?.[0]).toBe(`${IDP}/.well-known/openid-configuration`)
    expect(asked[0]?.[1]?.redirect).toBe('error')
  })

  test('keeps the path of an issuer that has one', async () => {
    const issuer = `${IDP}/realms/acme`
    const { fetch, asked } = answering(() => Response.json({ issuer, jwks_uri: `${IDP}/keys` }))
    await discoverKeysUrl(issuer, fetch)
    expect(asked[0]?.[0]).toBe(`${issuer}/.well-known/openid-configuration`)
  })

  const refused: readonly [string, () => Response][] = [
    ['a document of another issuer', () => Response.json({ issuer: 'https://evil.example', jwks_uri: `${IDP}/keys` })],
    ['a document of a twin', () => Response.json({ issuer: `${IDP}/`, jwks_uri: `${IDP}/keys` })],
    ['a document without keys', () => Response.json({ issuer: IDP })],
    ['a document whose keys are no address', () => Response.json({ issuer: IDP, jwks_uri: 'keys' })],
    ['HTML', () => new Response('<html>')],
    ['an error', () => new Response('{}', { status: 500 })],
    ['a redirect', () => new Response(null, { status: 302, headers: { location: 'http://169.254.169.254/' } })],
    ['an endless document', () => new Response('x'.repeat(300_000))],
  ]
  test('says of a document of a twin what to do', async () => {
    const twin = answering(() => Response.json({ issuer: `${IDP}/`, jwks_uri: `${IDP}/keys` }))
    await expect(discoverKeysUrl(IDP, twin.fetch)).rejects.toMatchObject({ hint: expect.stringContaining('slash') })
  })

  test('hands on what the provider says that it signs with', async () => {
    const said = { id_token_signing_alg_values_supported: ['RS256'] }
    const { fetch } = answering(() => Response.json({ issuer: IDP, jwks_uri: `${IDP}/keys`, ...said }))
    expect(await discoverProvider(IDP, fetch)).toEqual({ keysUrl: `${IDP}/keys`, algorithms: ['RS256'] })
  })

  test.each(refused)('refuses %s', async (_, answer) => {
    const found = discoverKeysUrl(IDP, answering(answer).fetch)
    await expect(found).rejects.toMatchObject({ code: 'ERR_AUTHORITY_ISSUER_UNKNOWN' })
  })
})
