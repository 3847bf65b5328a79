import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestSources, policyDigest } from '../../src/index.ts'

const A = { file: 'a.cedar', text: 'permit(principal, action, resource);' }
const B = { file: 'b.cedar', text: 'forbid(principal, action, resource);' }

describe('policyDigest', () => {
  it('is a SHA-256 of the canonical text', async () => {
    const text = JSON.stringify([digestSources([A, B]), 'entity U;'])
    expect(await policyDigest([A, B], 'entity U;')).toBe(`sha256:${createHash('sha256').update(text).digest('hex')}`)
  })

  it('does not depend on the order of the files', async () => {
    expect(await policyDigest([B, A], 's')).toBe(await policyDigest([A, B], 's'))
  })

  it.each([
    ['the text', [{ ...A, text: `${A.text} ` }, B], 's'],
    ['a line end', [{ ...A, text: `${A.text}\r\n` }, B], 's'],
    ['a file name', [{ ...A, file: 'c.cedar' }, B], 's'],
    [
      'which file holds what',
      [
        { ...A, text: B.text },
        { ...B, text: A.text },
      ],
      's',
    ],
    ['a file less', [A], 's'],
    ['the schema', [A, B], 't'],
  ])('depends on %s', async (_, sources, schema) => {
    expect(await policyDigest(sources, schema)).not.toBe(await policyDigest([A, B], 's'))
  })

  it('tells any two sets of sources apart', () => {
    const sources = fc.uniqueArray(
      fc.record({ file: fc.string({ maxLength: 3 }), text: fc.string({ maxLength: 3 }) }),
      {
        selector: ({ file }) => file,
        maxLength: 3,
      },
    )
    fc.assert(
      fc.property(sources, sources, (left, right) => {
        const same =
          left.length === right.length && left.every((l) => right.some((r) => r.file === l.file && r.text === l.text))
        expect(digestSources(left) === digestSources(right)).toBe(same)
      }),
    )
  })
})
