// What npm would publish is complete and can be imported: publint in strict mode and `attw` for ESM consumers, on the
// tarball of each package. Needs the build that the gate `types` makes.

import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { runCommand } from '../command.ts'
import type { Gate } from './gate.ts'

export const packages: Gate = {
  name: 'packages',
  async run(root) {
    const findings: string[] = []
    const rooms = await readdir(join(root, 'packages'))
    const folder = await mkdtemp(join(tmpdir(), 'cardea-packages-'))
    try {
      for (const room of rooms) {
        const directory = join(root, 'packages', room)
        const { messages, pkg } = await publint({ pkgDir: directory, strict: true })
        for (const message of messages) {
          findings.push(`packages/${room}: ${formatMessage(message, pkg, { color: false }) ?? message.code}`)
        }
      }
      const packed = await runCommand('npm', ['pack', '--workspaces', '--silent', '--pack-destination', folder], root)
      if (packed.code !== 0) findings.push(packed.output)
      for (const tarball of await readdir(folder)) {
        if (tarball.includes('example')) continue
        const checked = await runCommand(
          'attw',
          ['--profile', 'esm-only', '--format', 'ascii', join(folder, tarball)],
          root,
        )
        if (checked.code !== 0) findings.push(`${tarball}: ${checked.output.trim()}`)
      }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
    return { looked: rooms.length, findings }
  },
}
