// The tour, as `npm run demo -- --once` takes it: real processes, real sockets, every check of every step.

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, vi } from 'vitest'
import { runCommand } from '../../../tools/command.ts'
import { findOpa } from '../../../tools/opa.ts'

const run = promisify(execFile)
const MAIN = join(import.meta.dirname, '..', 'demo', 'main.ts')

it('goes as it must, step by step', async () => {
  const { stdout } = await run(process.execPath, ['--conditions=@cardea/source', MAIN, '--once'], { timeout: 90_000 })
  for (let step = 1; step <= 13; step += 1) expect(stdout).toMatch(new RegExp(`^${step}\\. `, 'm'))
  expect(stdout).not.toContain('FAIL')
  expect(stdout).toContain('Every step went as it must')
  expect(stdout.match(/^ {2}ok /gm)?.length).toBeGreaterThan(50)
  const isWhole = !('missing' in (await findOpa())) && (await hasPython())
  if (isWhole) expect(stdout).toContain('Python answers 404 within two seconds')
  expect(stdout.includes('  skip ')).toBe(!isWhole)
}, 100_000)

it('takes one step alone, and refuses one that there is not', async () => {
  const { stdout } = await run(process.execPath, ['--conditions=@cardea/source', MAIN, '--once', '--step', '10'], {
    timeout: 60_000,
  })
  expect(stdout).toMatch(/^10\. /m)
  expect(stdout).not.toMatch(/^1\. /m)
  const refused = run(process.execPath, ['--conditions=@cardea/source', MAIN, '--once', '--step', '14'])
  await expect(refused).rejects.toMatchObject({ code: 1, stderr: 'there is no step 14; the tour has 13\n' })
}, 100_000)

it('says what a machine lacks, which is no failure', async () => {
  const { stdout } = await run(process.execPath, ['--conditions=@cardea/source', MAIN, '--once', '--step', '13'], {
    timeout: 60_000,
    env: { PATH: '/nonexistent' },
  })
  expect(stdout).toContain('  skip needs `python3` on the PATH')
  expect(stdout).toContain('Every step went as it must, 1 skipped')
}, 100_000)

it('ends all that it started when it is ended in the middle', async ({ skip }) => {
  const opa = await findOpa()
  if ('missing' in opa) skip(opa.missing)
  if (!(await hasPython())) skip('needs `python3` on the PATH')
  const folder = await mkdtemp(join(tmpdir(), 'cardea-tour-'))
  // a group of its own, in which whatever it starts is too
  const tour = spawn(process.execPath, ['--conditions=@cardea/source', MAIN, '--step', '13'], {
    detached: true,
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const group = -(tour.pid ?? Number.NaN)
  try {
    let printed = ''
    const ended = once(tour, 'close')
    for await (const chunk of tour.stdout) {
      printed += String(chunk)
      if (printed.includes('Python 200')) break
    }
    expect(printed).toContain('Python 200')
    process.kill(tour.pid ?? Number.NaN, 'SIGTERM')
    expect(await ended).toEqual([1, null])
    await vi.waitFor(() => expect(() => process.kill(group, 0)).toThrow('ESRCH'), { timeout: 5000, interval: 50 })
    expect((await readdir(folder)).filter((name) => name.startsWith('cardea-demo-'))).toEqual([])
  } finally {
    try {
      process.kill(group, 'SIGKILL')
    } catch {
      // nothing is left, as it should be
    }
    await rm(folder, { recursive: true, force: true })
  }
}, 100_000)

const hasPython = (): Promise<boolean> =>
  runCommand('python3', ['--version'], tmpdir()).then(
    ({ code }) => code === 0,
    () => false,
  )
