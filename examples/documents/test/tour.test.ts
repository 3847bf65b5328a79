// The tour, as `npm run demo -- --once` takes it: real processes, real sockets, every check of every step.

import { join } from 'node:path'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)
const MAIN = join(import.meta.dirname, '..', 'demo', 'main.ts')

it('goes as it must, step by step', async () => {
  const { stdout } = await run(process.execPath, ['--conditions=@cardea/source', MAIN, '--once'], { timeout: 90_000 })
  for (let step = 1; step <= 13; step += 1) expect(stdout).toMatch(new RegExp(`^${step}\\. `, 'm'))
  expect(stdout).not.toContain('FAIL')
  expect(stdout).toContain('Every step went as it must')
  expect(stdout.match(/^ {2}ok /gm)?.length).toBeGreaterThan(50)
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
