// `cardea opa config`: what it prints is one configuration, in YAML and in JSON, with pinned keys and no secret.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateSigningKey, publicJwk } from '@cardea/token'
import { describe, expect, it, vi } from 'vitest'
import { parse } from 'yaml'
import { startDev } from '../support/dev.ts'
import { cardea, errorOf } from '../support/run.ts'

// each test starts several processes
vi.setConfig({ testTimeout: 60_000 })
const dev = await startDev()

const AUDIENCE = 'https://notes.example'
const ASK = ['opa', 'config', '--audience', AUDIENCE, '--client', 'notes']

/** A file with a set of one key. */
async function keysFile(name: string, algorithm: 'ES256' | 'EdDSA'): Promise<{ file: string; kid: string }> {
  const key = await generateSigningKey(algorithm)
  const file = join(dev.cwd, name)
  await writeFile(file, JSON.stringify({ keys: [publicJwk(key)] }))
  return { file, kid: key.kid }
}

describe('cardea opa config', () => {
  it('prints YAML that says where the authority is and pins its keys', async () => {
    const { code, stdout, stderr } = await dev.cardea(...ASK)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const response = await fetch(`${dev.url}/v1/bundle-keys`)
    const { keys } = (await response.json()) as { keys: { kid: string }[] }
    const printed = parse(stdout) as { keys: object }
    expect(printed).toMatchObject({
      services: { cardea: { url: `${dev.url}/opa/v1`, credentials: { bearer: { token_path: 'cardea-token' } } } },
      discovery: {
        service: 'cardea',
        resource: `bundles/discovery?audience=${encodeURIComponent(AUDIENCE)}`,
        persist: true,
        signing: { scope: `cardea:discovery:${AUDIENCE}` },
      },
    })
    expect(Object.keys(printed.keys)).toEqual(keys.map(({ kid }) => kid))
    expect(await dev.json(...ASK)).toEqual(printed)
  })

  it('takes the secret from the environment of OPA over https, and the keys from a file', async () => {
    const { file, kid } = await keysFile('pinned.json', 'ES256')
    const env = { CARDEA_AUTHORITY_URL: 'https://authority.example' }
    const { code, stdout } = await cardea([...ASK, '--keys', file], { cwd: dev.cwd, env })
    expect(code).toBe(0)
    expect(parse(stdout)).toMatchObject({
      services: {
        cardea: {
          credentials: {
            oauth2: {
              token_url: 'https://authority.example/token',
              client_id: 'notes',
              client_secret: '${CARDEA_CLIENT_SECRET}',
            },
          },
        },
      },
      keys: { [kid]: { algorithm: 'ES256' } },
    })
    expect(stdout).toMatch(/^# .*CARDEA_CLIENT_SECRET/m)
  })

  it('refuses keys that OPA does not verify by, and what is no set of keys', async () => {
    const { file } = await keysFile('eddsa.json', 'EdDSA')
    expect(errorOf(await dev.cardea(...ASK, '--keys', file))).toMatchObject({
      code: 1,
      text: expect.stringContaining('(ERR_OPA_BUNDLE_KEY)') as unknown,
    })
    const other = join(dev.cwd, 'other.json')
    await writeFile(other, '{}')
    expect(errorOf(await dev.cardea(...ASK, '--keys', other))).toMatchObject({
      code: 1,
      text: expect.stringContaining('(ERR_TOKEN_') as unknown,
    })
  })

  it.each([
    ['no audience', ['opa', 'config', '--client', 'notes']],
    ['no client', ['opa', 'config', '--audience', AUDIENCE]],
  ])('refuses %s', async (_, args) => {
    expect(errorOf(await dev.cardea(...args))).toMatchObject({
      code: 1,
      text: expect.stringContaining('(ERR_COMMAND_USAGE)') as unknown,
    })
  })
})
