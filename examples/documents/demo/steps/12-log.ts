// What the log shows, by the command that an operator would use.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { callerFor } from '../caller.ts'
import { eventually } from '../eventually.ts'
import type { Step } from '../step.ts'

const run = promisify(execFile)

export const log: Step = {
  title: 'What the log shows',
  async run(world, show) {
    const ann = await callerFor(world, 'ann')
    await ann.request('PUT', '/documents/roadmap', { body: { title: 'x', body: 'x' } })
    await ann.request('GET', '/documents/prices')
    const command = fileURLToPath(new URL('../bin/cardea.js', import.meta.resolve('cardea')))
    const environment = {
      ...process.env,
      CARDEA_AUTHORITY_URL: world.authority.url,
      CARDEA_CLIENT_ID: world.admin.id,
      CARDEA_CLIENT_SECRET: world.admin.secret,
    }
    const shown = await eventually(
      () => run(process.execPath, [command, 'log', '--denied', '--limit', '8'], { env: environment }),
      ({ stdout }) => stdout.includes('tenant-isolation'),
    )
    show.say('cardea log --denied')
    show.block(shown.stdout.trimEnd())
    show.check('denials are grouped by cause', shown.stdout.includes('tenant-isolation'))
    show.check('no token is in it', !shown.stdout.includes('eyJ'))
  },
}
