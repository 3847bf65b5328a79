// What a policy bundle for OPA costs: to make it of policies that are compiled, its bytes, and the time and the memory of a stock OPA
// that takes it by long polling, as from an authority.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import {
  buildOpaBundle,
  OPA_POLICY_ROOTS,
  type OpaBundle,
  opaPolicyFiles,
  opaScope,
  opaVerificationKeys,
} from '@cardea/opa'
import { generateSigningKey, publicJwk, type SigningKey } from '@cardea/token'
import { startBundleService } from '../../conformance/parity/opa-server.ts'
import { type OpaServer, startOpa } from '../../tools/opa.ts'
import { cedarOf } from '../decide/reference/cedar.ts'
import { referenceOf } from '../decide/reference/reference.ts'
import { median } from '../harness.ts'
import { type Figure, type Results, round, type Unmeasured } from '../report.ts'
import { AUDIENCE, FACTS, type Published, publishedOf, revisionOf } from './policies.ts'

const SCOPE = opaScope('policy', AUDIENCE)

/** `runs`: how often it is built; a figure is the median. */
export async function measureBundle(command: string, policies: number, runs: number): Promise<Results> {
  const key = await generateSigningKey('ES256')
  const published = publishedOf(cedarOf(referenceOf(policies)))
  const builds: Build[] = []
  for (let run = 0; run < runs; run += 1) builds.push(await build(published, key))
  const [first] = builds
  if (first === undefined) throw new RangeError('it is built at least once')
  const next = await build(revisionOf(published, 2), key)
  const subject = `${policies} policies`
  const figure = (name: string, value: number, unit: Figure['unit']): Figure => ({
    bench: BENCH,
    case: name,
    subject,
    value: round(value),
    unit,
  })
  const { activations, resident } = await activate(command, key, [first.bundle, next.bundle])
  const names = ['before', 'with it', 'after the next revision']
  const gaps = resident.every((bytes) => bytes !== undefined)
    ? []
    : [{ bench: BENCH, case: 'resident', size: policies, subject: 'opa', reason: 'it is read from /proc' }]
  return {
    figures: [
      figure('Rego of the policies', median(builds.map(({ regoMilliseconds }) => regoMilliseconds)), 'ms'),
      figure('signed and packed', median(builds.map(({ packMilliseconds }) => packMilliseconds)), 'ms'),
      figure('bundle', first.bundle.bytes.length, 'bytes'),
      figure('bundle, unpacked', gunzipSync(first.bundle.bytes).length, 'bytes'),
      ...activations.map((milliseconds, at) =>
        figure(at === 0 ? 'offer to activation' : 'the same for the next revision', milliseconds, 'ms'),
      ),
      ...resident.flatMap((bytes, at) =>
        bytes === undefined ? [] : [figure(`opa resident ${names[at]}`, bytes, 'bytes')],
      ),
    ],
    unmeasured: gaps satisfies readonly Unmeasured[],
  }
}

const BENCH = 'opa bundle'

interface Build {
  readonly bundle: OpaBundle
  readonly regoMilliseconds: number
  readonly packMilliseconds: number
}

async function build(published: Published, key: SigningKey): Promise<Build> {
  const revision = String(published.content.revision)
  const started = performance.now()
  const files = opaPolicyFiles(published, FACTS)
  const made = performance.now()
  const bundle = await buildOpaBundle({ revision, roots: OPA_POLICY_ROOTS, ...files }, { key, scope: SCOPE })
  return { bundle, regoMilliseconds: made - started, packMilliseconds: performance.now() - made }
}

interface Activations {
  /** One a bundle. */
  readonly activations: readonly number[]
  /** Before the first, and after each; `undefined` where nobody can tell. */
  readonly resident: readonly (number | undefined)[]
}

/** One OPA takes them one after the other. They have the revisions 1, 2, ... */
async function activate(command: string, key: SigningKey, bundles: readonly OpaBundle[]): Promise<Activations> {
  const service = await startBundleService()
  const folder = await mkdtemp(join(tmpdir(), 'cardea-bench-bundle-'))
  let opa: OpaServer | undefined
  try {
    const configuration = join(folder, 'opa.json')
    await writeFile(configuration, JSON.stringify(configurationOf(service.url, key)))
    opa = await startOpa({ command, args: ['--config-file', configuration] })
    const activations: number[] = []
    const resident = [await residentBytes(opa.pid)]
    for (const [at, { bytes }] of bundles.entries()) {
      const revision = at + 1
      const started = performance.now()
      service.offer(revision, bytes)
      await waitForRevision(opa, revision, () => service.asked(revision))
      activations.push(performance.now() - started)
      resident.push(await residentBytes(opa.pid))
    }
    return { activations, resident }
  } finally {
    await opa?.stop()
    await service.close()
    await rm(folder, { recursive: true })
  }
}

function configurationOf(url: string, key: SigningKey): object {
  const polling = { long_polling_timeout_seconds: 30, min_delay_seconds: 0, max_delay_seconds: 1 }
  const signing = { keyid: key.kid, scope: SCOPE }
  return {
    services: { bench: { url } },
    keys: opaVerificationKeys({ keys: [publicJwk(key)] }),
    bundles: { policy: { service: 'bench', resource: 'bundle', signing, polling } },
  }
}

const WAIT_MS = 300_000
const PAUSE_MS = 10

async function waitForRevision(opa: OpaServer, revision: number, asked: () => number): Promise<void> {
  for (const end = performance.now() + WAIT_MS; performance.now() < end; ) {
    const response = await fetch(`${opa.url}/v1/data/cardea_data/settings/revision`)
    const { result } = (await response.json()) as { readonly result?: number }
    if (result === revision) return
    // an OPA that refused a bundle asks for it again
    if (asked() > 1) break
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  throw new Error(`opa does not take revision ${revision}: ${opa.output().slice(-2000)}`)
}

async function residentBytes(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? []
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
}
