// What an action says of a binding that does not fit: the strictest of several kinds counts, and silence is `deny`.

import { describe, expect, test } from 'vitest'
import { mismatchRuleOf, strictestMode } from '@cardea/policy/annotation'
import { createWorld } from '../support/world.ts'
import { ANNOTATION, KINDS, type Modes, softened } from '../support/misfits.ts'
import { schema } from '../support/documents.ts'

const ruleOf = (modes: Modes) => mismatchRuleOf(softened({ view: modes }).actions.view)

describe('the rule of an action', () => {
  test.each<[string, Modes, readonly (typeof KINDS)[number][], string]>([
    ['nothing said', {}, ['address'], 'deny'],
    ['said', { address: 'log' }, ['address'], 'log'],
    ['said of another kind', { address: 'log' }, ['key'], 'deny'],
    ['said of one of two', { address: 'log' }, ['key', 'address'], 'deny'],
    ['the stricter of two', { address: 'log', key: 'step-up' }, ['key', 'address'], 'step-up'],
    ['in either order', { address: 'step-up', key: 'log' }, ['key', 'address'], 'step-up'],
    ['deny beside all others', { address: 'step-up', key: 'log', tenant: 'deny' }, KINDS, 'deny'],
    ['the same of two', { address: 'log', key: 'log' }, ['key', 'address'], 'log'],
    ['nothing that does not fit', { address: 'log' }, [], 'deny'],
  ])('%s', (_name, modes, kinds, expected) => {
    expect(strictestMode(ruleOf(modes), kinds)).toBe(expected)
  })

  test('a value that means nothing denies', () => {
    const annotations = { addressMismatch: 'allow', keyMismatch: '' }
    expect(mismatchRuleOf({ ...schema.actions.view, annotations })).toEqual({
      key: 'deny',
      certificate: 'deny',
      address: 'deny',
      tenant: 'deny',
    })
  })
})

describe('a guard does not start with', () => {
  const values = ['', 'Log', 'allow', 'stepup', 'step_up', 'log ', 'none']
  test.each(KINDS.flatMap((kind) => values.map((value) => [ANNOTATION[kind], value] as const)))(
    '@%s("%s")',
    async (name, value) => {
      const { view } = schema.actions
      const wrong = { ...schema, actions: { ...schema.actions, view: { ...view, annotations: { [name]: value } } } }
      await expect(createWorld({ schema: wrong as unknown as typeof schema })).rejects.toMatchObject({
        code: 'ERR_GUARD_ANNOTATION',
        hint: expect.stringContaining(`@${name}(`),
      })
    },
  )
})
