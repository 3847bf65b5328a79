// `cardea fleet`, against one `cardea dev` and the real client of guards.

import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGuard } from '@cardea/guard'
import { afterAll, describe, expect, it } from 'vitest'
import { developmentFile, startDev } from '../support/dev.ts'
import { cardea, errorOf, start } from '../support/run.ts'

const dev = await startDev()
const env = Object.fromEntries(
  (await readFile(developmentFile(dev.cwd, 'dev.env'), 'utf8'))
    .matchAll(/^(\w+)=(.*)$/gm)
    .map(([, name, value]) => [name, value]),
)
const guard = await createGuard({
  schema: { entities: {}, actions: {} } as const,
  authority: dev.url,
  audience: 'https://notes.example',
  client: { id: 'notes', secret: env['CARDEA_NOTES_SECRET'] ?? '' },
  development: true,
  log: { info: () => {}, warn: () => {}, error: () => {} },
})
afterAll(() => guard.close())

interface Row {
  readonly client: string
  readonly start: string
  readonly position: string
  readonly freshSeconds: number | null
}

interface Answer {
  readonly position: string
  readonly guards: readonly Row[]
}

/** The guard says what it has applied with its next question, which is a good second away. */
async function fleet(until: (answer: Answer) => boolean): Promise<Answer> {
  for (;;) {
    const answer = (await dev.json('fleet')) as Answer
    if (until(answer)) return answer
  }
}

describe('cardea fleet', () => {
  it('shows a guard, what it has applied, and that it is fresh', async () => {
    const { position, guards } = await fleet(({ guards: [first] }) => (first?.freshSeconds ?? null) !== null)
    expect(guards).toEqual([
      expect.objectContaining({
        client: 'notes',
        start: expect.stringMatching(/^[\w-]{36}$/),
        audience: 'https://notes.example',
        address: '127.0.0.1',
        connected: true,
        revision: 1,
        currentRevision: 1,
        behind: 0,
        position,
      }),
    ])
    expect(guards[0]?.freshSeconds).toBeLessThan(5)
    const { stdout } = await dev.cardea('fleet')
    expect(stdout).toMatch(/^log \S+, 1 guard\nclient +start +audience +up +revision +position +behind +fresh/)
    expect(stdout).toMatch(/^notes +[\w-]{8} +https:\/\/notes\.example +.* 1 +\d+ +0 +\d+ s +connected +127\.0\.0\.1$/m)
  })

  it('follows it as the log goes on', async () => {
    const { position } = (await dev.json('fleet')) as Answer
    await dev.json('revoke', '--session', 'nobody')
    const { guards } = await fleet(
      (answer) => answer.position !== position && answer.guards[0]?.position === answer.position,
    )
    expect(guards).toHaveLength(1)
  })

  it('lists OPAs beside the guards, with what each says of its bundles', async () => {
    const { position } = (await dev.json('fleet')) as Answer
    const [epoch, seq] = position.split('.')
    const secret = env['CARDEA_NOTES_SECRET'] ?? ''
    const asked = await fetch(`${dev.url}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`notes:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    })
    const { access_token: token } = (await asked.json()) as { access_token: string }
    const report = async (instance: string, bundles: object): Promise<void> => {
      const reported = await fetch(`${dev.url}/opa/v1/status`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ labels: { id: instance, version: '1.22.2' }, bundles }),
      })
      expect(reported.status).toBe(204)
    }
    const active = (active_revision: string, more: object = {}): object => ({
      active_revision,
      last_successful_activation: new Date(Date.now() - 90_000).toISOString(),
      ...more,
    })
    const first = '9c830aaa-c146-4ffb-acfa-93a2aaf0852c'
    await report(first, { policy: active('3') })
    const news = active(`${epoch}:${seq}:${Math.floor(Date.now() / 1000) - 3}`, {
      code: 'bundle_error',
      http_code: '503',
    })
    await report(first, { policy: active('0-abc'), news })
    await report('young', {})
    const { opas } = (await dev.json('fleet')) as { opas: readonly unknown[] }
    expect(opas).toMatchObject([
      {
        client: 'notes',
        instance: first,
        bundles: [
          { name: 'policy', revision: '0-abc', currentRevision: '1', behind: 1, rolledBackFrom: '3' },
          { name: 'news', kind: 'news', behind: 0, errors: ['bundle_error', 'http_503'] },
        ],
      },
      { client: 'notes', instance: 'young', bundles: [] },
    ])
    const { stdout } = await dev.cardea('fleet')
    expect(stdout).toMatch(/^log \S+, 1 guard, 2 OPAs\nclient +start/)
    expect(stdout).toMatch(/\n\nclient +OPA +version +bundle +since +revision +behind +age +errors +seen +address\n/)
    expect(stdout).toMatch(
      /^notes +9c830aaa +1\.22\.2 +policy +1 min.* +0-abc of 1, BACK FROM 3 +1 +\d+ s ago +127\.0\.0\.1$/m,
    )
    expect(stdout).toMatch(/^ +news +1 min.* +0 +\d+ s +bundle_error, http_503$/m)
    expect(stdout).toMatch(/^notes +young +1\.22\.2 +none +\d+ s ago/m)
  })

  it('watches, and goes on when the authority does not answer', async () => {
    let asked = 0
    const server = createServer((request, response) => {
      if (request.url === '/v1/guards') asked += 1
      response.writeHead(asked === 1 ? 503 : 200, { 'content-type': 'application/json' })
      response.end('{"access_token":"a","position":"e.1","now":1,"guards":[]}')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const running = start(['fleet', '--watch', '--json'], {
      cwd: dev.cwd,
      env: {
        CARDEA_AUTHORITY_URL: `http://127.0.0.1:${port}`,
        CARDEA_CLIENT_ID: 'auditor',
        CARDEA_CLIENT_SECRET: 'a secret',
      },
    })
    const text = await running.printed(/\n/)
    expect(JSON.parse(text)).toEqual({ access_token: 'a', position: 'e.1', now: 1, guards: [] })
    expect((await running.stop()).stderr).toContain('(ERR_COMMAND_AUTHORITY)')
    server.close()
  })

  it('is for administrators and auditors', async () => {
    const result = await cardea(['fleet'], {
      cwd: dev.cwd,
      env: {
        CARDEA_AUTHORITY_URL: dev.url,
        CARDEA_CLIENT_ID: 'notes',
        CARDEA_CLIENT_SECRET: env['CARDEA_NOTES_SECRET'] ?? '',
      },
    })
    expect(errorOf(result)).toMatchObject({ code: 1, text: expect.stringContaining('403') })
  })
})
