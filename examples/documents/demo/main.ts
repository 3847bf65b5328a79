// `npm run demo [-- --once] [-- --step N]`: starts a provider, an authority and the document service, takes the tour as real HTTP
// requests, then stays up. With --once it exits: 0 if every step went as it must, else 1. Ctrl-C ends all that it started, also in the
// middle of the tour, which is then a 1.

import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createReport, line, title } from './print.ts'

const HELP = `usage: npm run demo -- [--once] [--step N]

  --once    end after the tour; exit 0 if every step went as it must, else 1
  --step N  take only step N
  --help    print this`

const { values } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    step: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  line(HELP)
  process.exit(0)
}
line('Cardea: a provider, an authority and a document service start on loopback ports ...')

// loaded after the first line, which so comes at once
const { TOUR } = await import('./tour.ts')
const { startWorld } = await import('./world.ts')
const { printAddresses } = await import('./addresses.ts')

const only = values.step === undefined ? undefined : Number(values.step)
if (only !== undefined && TOUR[only - 1] === undefined) {
  console.error(`there is no step ${values.step}; the tour has ${TOUR.length}`)
  process.exit(1)
}

const folder = await mkdtemp(join(tmpdir(), 'cardea-demo-'))
const started = performance.now()
const world = await startWorld(folder)
const report = createReport(world.decisions)
const interrupted = Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal)))
const isWhole = await Promise.race([takeTour().then(() => true), interrupted.then(() => false)])
if (isWhole && !values.once) {
  await Promise.race([printAddresses(world), interrupted])
  await interrupted
}
await stop()
process.exit(isWhole && (!values.once || report.failures === 0) ? 0 : 1)

async function takeTour(): Promise<void> {
  for (const [at, step] of TOUR.entries()) {
    if (only !== undefined && only !== at + 1) continue
    title(at + 1, step.title)
    try {
      await step.run(world, report)
    } catch (error) {
      report.check(
        `the step ran to its end: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        false,
      )
    }
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const outcome = report.failures === 0 ? 'Every step went as it must' : `${report.failures} checks failed`
  line(`\n${outcome}${report.skipped === 0 ? '' : `, ${report.skipped} skipped`}, in ${seconds} s.`)
}

async function stop(): Promise<void> {
  try {
    await world.close()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
