// A stock OPA as docs/operating.md configures it: over TLS, with a token that it gets itself by the client's secret.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { maskPolicy } from '@cardea/opa'
import { afterEach, expect, test, vi } from 'vitest'
import { requireOpa, startOpa } from '../../../../../tools/opa.ts'
import { openWorkshop } from '../../certificates.ts'
import { bodyOf, createWorld, SECRETS } from '../../fixture.ts'

vi.setConfig({ testTimeout: 60_000 })

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

/** The example of the document, for this authority. */
async function documented(url: string, ca: string): Promise<string> {
  const document = await readFile(new URL('../../../../../docs/operating.md', import.meta.url), 'utf8')
  const [, yaml = ''] = /```yaml\n(services:\n {2}authority:\n[\s\S]*?)```/.exec(document) ?? []
  return yaml
    .replaceAll('https://authority.example', url)
    .replace('documents-opa', 'docs')
    .replace('    credentials:', `    tls: { ca_cert: ${JSON.stringify(ca)} }\n    credentials:`)
}

test('reports its decisions and its status', async ({ skip }) => {
  const command = await requireOpa(skip)
  const workshop = openWorkshop()
  closing.push(() => workshop.close())
  const world = await createWorld({ tls: workshop.files })
  closing.push(() => world.authority.close())
  const { url } = await world.authority.listen({ port: 0 })
  const folder = await mkdtemp(join(tmpdir(), 'cardea-own-token-'))
  closing.push(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'config.yaml'), await documented(url, workshop.write(workshop.ca)))
  await writeFile(join(folder, 'mask.rego'), maskPolicy)
  const args = ['--config-file', join(folder, 'config.yaml'), join(folder, 'mask.rego')]
  const opa = await startOpa({ command, args, env: { CARDEA_CLIENT_SECRET: SECRETS.docs } })
  closing.push(() => opa.stop())
  await fetch(`${opa.url}/v1/data/app/allow`, { method: 'POST', body: '{"input":{}}' })
  await vi.waitFor(
    async () => {
      const { records } = await bodyOf(await world.api('auditor', 'GET', '/v1/log'))
      expect(records).toContainEqual(expect.objectContaining({ sender: 'docs', service: 'opa', path: 'app/allow' }))
      const { opas } = await bodyOf(await world.api('auditor', 'GET', '/v1/guards'))
      expect(opas).toMatchObject([{ client: 'docs', logErrors: [] }])
    },
    { timeout: 30_000, interval: 200 },
  )
})
