// Runs a command of the workspace and captures what it prints.

import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'

export interface CommandResult {
  /** The exit code; 1 when a signal ended it. */
  readonly code: number
  readonly output: string
}

/** Runs `command` in `directory`, with the workspace's own tools first on the path. Rejects only if it cannot start. */
export function runCommand(
  command: string,
  args: readonly string[],
  directory: string,
  root: string = directory,
): Promise<CommandResult> {
  const path = [join(root, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(delimiter)
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], {
      cwd: directory,
      env: { ...process.env, PATH: path, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString('utf8') }))
  })
}
