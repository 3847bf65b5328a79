// The table of annotations: what each accepts, that the page shows it as it is, and that nothing is read that is not in it.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { annotationRule, ANNOTATIONS } from '../../src/annotation/annotations.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..', '..')

describe('the table', () => {
  it.each(Object.entries(ANNOTATIONS))('accepts the example of @%s', (name, { example, accepts }) => {
    const [, shown, value = ''] = /^@(\w+)(?:\("(.*)"\))?$/.exec(example) ?? []
    expect(shown).toBe(name)
    expect(accepts(value)).toBe(true)
  })

  it.each([
    ['id', ''],
    ['advice', 'Call Bob!'],
    ['advice', ''],
    ['sensitive', 'very'],
    ['maxStale', 'soon'],
    ['maxStale', ''],
    ['maxStale', '0s'],
    ['reveal', 'false'],
    ['addressMismatch', ''],
    ['certificateMismatch', 'allow'],
    ['keyMismatch', 'Log'],
    ['tenantMismatch', 'step_up'],
    ['loggable', 'no'],
  ])('refuses @%s("%s")', (name, value) => {
    expect(annotationRule(name)?.accepts(value)).toBe(false)
  })

  it('knows no names of JavaScript', () => {
    expect(['toString', '__proto__', 'ID', 'severity'].map(annotationRule)).toEqual(Array(4).fill(undefined))
  })

  it('stands on its page as it is', async () => {
    const page = await readFile(join(ROOT, 'docs', 'explain.md'), 'utf8')
    const rows = Object.values(ANNOTATIONS).map(
      ({ example, on, value, effect, readBy }) =>
        `| \`${example}\` | ${on.join(', ')} | ${value} | ${effect} | ${readBy} |`,
    )
    const table = page.split('\n').filter((line) => line.startsWith('| `@'))
    expect(table).toEqual(rows)
  })
})

describe('the sources', () => {
  it('read no annotation that is not in the table', async () => {
    const packages = join(ROOT, 'packages')
    const files = (await readdir(packages, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && /[/\\]src(?:[/\\]|$)/.test(entry.parentPath))
      .filter((entry) => !entry.parentPath.includes('node_modules'))
      .map((entry) => join(entry.parentPath, entry.name))
    const read = new Set<string>()
    for (const file of files) {
      const text = await readFile(file, 'utf8')
      for (const [, one, other] of text.matchAll(
        /annotations(?:\?)?\.(?:get|has)\('(\w+)'\)|annotationOf\([^)]*'(\w+)'\)/g,
      )) {
        read.add(one ?? other ?? '')
      }
      // the way around the table
      expect({ file, reads: /annotations\??\.?\[['"]/.exec(text)?.[0] }).toEqual({ file, reads: undefined })
    }
    expect(read.size).toBeGreaterThan(3)
    expect([...read].filter((name) => annotationRule(name) === undefined)).toEqual([])
  })
})
