// `cardea audit`, against one `cardea dev` and on files: what is whole, what is not, and what the exit code says.

import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startDev } from '../support/dev.ts'
import { writeFiles } from '../support/project.ts'
import { errorOf } from '../support/run.ts'

const dev = await startDev()
const at = (file: string): string => join(dev.cwd, file)

describe('cardea audit', () => {
  it('says that the records are whole', async () => {
    await dev.cardea('token', '--as', 'ann')
    const { code, stdout, stderr } = await dev.cardea('audit', 'verify')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^whole\n\d+ records? up to record \d+, 0 of them erased; \d+ checkpoints?\n/)
    expect(stdout).toContain('a signed checkpoint vouches for all of them\n')
    expect(await dev.json('audit', 'verify')).toMatchObject({ findings: [], erased: 0 })
  })

  it('writes an export for its owner alone, over nothing, and verifies it without the authority', async () => {
    const keys = await (await fetch(`${dev.url}/v1/audit-keys`)).text()
    await writeFiles(dev.cwd, { 'audit-keys.json': keys })
    expect(await dev.cardea('audit', 'export', '-o', at('audit.jsonl'))).toMatchObject({ code: 0, stdout: '' })
    expect((await stat(at('audit.jsonl'))).mode & 0o777).toBe(0o600)
    const again = errorOf(await dev.cardea('audit', 'export', '-o', at('audit.jsonl')))
    expect(again.text).toContain('could not be written')
    const args = ['audit', 'verify', at('audit.jsonl'), '--keys', at('audit-keys.json')]
    expect(await dev.cardea(...args)).toMatchObject({ code: 0, stdout: expect.stringContaining('whole') })
    const text = await readFile(at('audit.jsonl'), 'utf8')
    const { stdout } = await dev.cardea('audit', 'export')
    expect(stdout.startsWith(text.slice(0, 40))).toBe(true)
  })

  it.each([
    ['a changed byte', (text: string) => text.replace('"obtainToken"', '"obtainTokem"'), 'changed: record'],
    ['a line that is gone', (text: string) => text.replace(/^.*"count":2,.*\n/m, ''), 'missing: record 2 is missing'],
    ['an export without its end', (text: string) => text.replace(/^.*"kind":"end".*\n/m, ''), 'incomplete:'],
    ['a line that is no JSON', (text: string) => `${text}{"kind":\n`, 'malformed: a line is no object'],
  ])('finds %s, and exits with 1', async (_name, change, expected) => {
    const keys = await (await fetch(`${dev.url}/v1/audit-keys`)).text()
    const { stdout: text } = await dev.cardea('audit', 'export')
    expect(change(text)).not.toBe(text)
    await writeFiles(dev.cwd, { 'keys.json': keys, 'changed.jsonl': change(text) })
    const { code, stdout } = await dev.cardea('audit', 'verify', at('changed.jsonl'), '--keys', at('keys.json'))
    expect(code).toBe(1)
    expect(stdout).toMatch(/^NOT WHOLE: \d+ findings?\n/)
    expect(stdout).toContain(expected)
  })

  it('finds that another key signed the checkpoints', async () => {
    const { stdout: text } = await dev.cardea('audit', 'export')
    const other = await (await fetch(`${dev.url}/jwks`)).text()
    await writeFiles(dev.cwd, { 'other.json': other, 'export.jsonl': text })
    const result = await dev.cardea('audit', 'verify', at('export.jsonl'), '--keys', at('other.json'), '--json')
    expect(result.code).toBe(1)
    expect(JSON.parse(result.stdout)).toMatchObject({
      findings: expect.arrayContaining([expect.objectContaining({ fault: 'checkpoint-signature' })]),
    })
  })

  it('takes a person out of the records, which are whole without them', async () => {
    await dev.cardea('token', '--as', 'bob')
    const { tenant } = JSON.parse((await dev.cardea('log', '--json', '--limit', '1000')).stdout).records.find(
      (one: { principal?: string }) => one.principal === 'User::"bob"',
    )
    const erased = await dev.cardea('audit', 'erase', 'User::"bob"', '--tenant', tenant)
    expect(erased).toMatchObject({ code: 0, stdout: expect.stringMatching(/^erased from \d+ records?\n$/) })
    expect((await dev.cardea('audit', 'export')).stdout).not.toContain('bob')
    expect(await dev.cardea('audit', 'verify')).toMatchObject({ code: 0 })
    const again = errorOf(await dev.cardea('audit', 'erase', 'User::"bob"', '--tenant', tenant))
    expect(again.text).toContain('ERR_AUTHORITY_NOT_FOUND')
  })

  it('says which file is not there', async () => {
    const { text } = errorOf(await dev.cardea('audit', 'verify', at('nothing.jsonl')))
    expect(text).toContain('ERR_COMMAND_FILE')
  })
})
