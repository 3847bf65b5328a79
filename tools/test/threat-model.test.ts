// The threat model leaves no group of bad input out, and each row that names a test names one that is there.

import { access, readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const PAGE = join(import.meta.dirname, '../../docs/threat-model.md')
const GROUPS = 59
/** Their sections name the folder of the cases; the others name a test each. */
const NAMED_BY_SECTION = 20

const text = await readFile(PAGE, 'utf8')
const rows = text
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((line) => ({ groups: (line.split('|')[1] ?? '').split(',').map(Number), line }))

describe('the threat model', () => {
  test.each(Array.from({ length: GROUPS }, (_, index) => index + 1))('has group %d', (group) => {
    expect(rows.filter(({ groups }) => groups.includes(group))).not.toEqual([])
  })

  test('says of each where it stops', () => {
    for (const { line } of rows)
      expect(
        line
          .split('|')
          .slice(1, -1)
          .every((cell) => cell.trim() !== ''),
      ).toBe(true)
  })

  test('names tests that are there', async () => {
    const links = rows.flatMap(({ line }) =>
      [...line.matchAll(/\]\(([^)#\s]+\.test\.ts)\)/g)].map(([, path = '']) => path),
    )
    expect(links.length).toBeGreaterThan(GROUPS - NAMED_BY_SECTION)
    for (const link of links) await access(resolve(dirname(PAGE), link))
  })
})
