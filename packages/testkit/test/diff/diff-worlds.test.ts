// What a difference is: its direction, its example, how small that is, and what is said when there is none.

import { createEntities, decide } from '@cardea/policy'
import { describe, expect, it } from 'vitest'
import { createWorld, diffWorlds, isValid, parseMatrix, requestOf, type World } from '../../src/index.ts'
import { MATRIX, POLICIES, schema } from '../fixture.ts'

function world(text: string): World {
  return createWorld({ schema, policies: [{ file: 'p.cedar', text }] })
}

const before = world(POLICIES)
const matrix = parseMatrix(MATRIX, 'm.yaml')

describe('a difference', () => {
  const after = world(POLICIES.replace('ip("10.0.0.0/8")', 'ip("10.0.0.0/7")'))
  const { differences, compared, policies } = diffWorlds(before, after, { seed: 1, matrix })
  const [first] = differences

  it('has its direction, its action and its types', () => {
    expect(policies.map(({ id }) => id)).toEqual(['office'])
    expect(
      differences.map(({ direction, action, principalType, resourceType }) => [
        direction,
        action,
        principalType,
        resourceType,
      ]),
    ).toEqual([['newly-allows', 'edit', 'User', 'Note']])
    expect(compared).toEqual({ cells: 9, samples: 5000 })
  })

  it('has an example that both programs answer so, and that both schemas take', () => {
    if (first === undefined) throw new Error('there is none')
    expect(isValid(first.example, before.schema)).toBe(true)
    expect(decide(before.program, requestOf(first.example, before.schema))).toMatchObject({
      decision: 'deny',
      determining: ['office'],
    })
    expect(decide(after.program, requestOf(first.example, after.schema))).toMatchObject({
      decision: 'allow',
      determining: ['owner'],
    })
  })

  it('is small: nothing is left that could be left out, and only what is read is shown', () => {
    if (first === undefined) throw new Error('there is none')
    const { example, essence } = first
    expect(example.links).toEqual([])
    expect(example.entities.map(({ uid, parents }) => `${uid.type} ${parents.length}`).toSorted()).toEqual([
      'Note 0',
      'User 0',
    ])
    expect([...essence.context.keys()]).toEqual(['ip'])
    expect(essence.entities.flatMap(({ attributes }) => [...attributes.keys()]).toSorted()).toEqual([
      'owner',
      'tenant',
      'tenant',
    ])
    expect(() => createEntities(essence.entities)).not.toThrow()
  })

  it('is the same for the same seed', () => {
    expect(diffWorlds(before, after, { seed: 1, matrix }).differences).toEqual(differences)
  })
})

describe('differences', () => {
  it('begin with what is newly allowed, and name the cells', () => {
    const after = world(POLICIES.replace(/@id\("isolation"\)[^;]*;/, '').replace(/@id\("viewer"\)[^;]*;/, ''))
    const { differences } = diffWorlds(before, after, { seed: 1, matrix })
    const directions = differences.map(({ direction }) => direction)
    expect(directions).toEqual(directions.toSorted())
    expect(new Set(directions)).toEqual(new Set(['newly-allows', 'newly-denies']))
    expect(differences.filter(({ direction }) => direction === 'newly-allows').flatMap(({ cells }) => cells)).toEqual([
      'eve / office / n / view',
    ])
    expect(differences.filter(({ direction }) => direction === 'newly-denies').flatMap(({ cells }) => cells)).toEqual([
      'bob /  / n / view',
    ])
  })

  it('tell of a policy that cannot be evaluated any more', () => {
    const after = world(POLICIES.replace('context has urgent && ', ''))
    const errs = diffWorlds(before, after, { seed: 1 }).differences.filter(
      ({ direction }) => direction === 'newly-errs',
    )
    expect(errs.map(({ action, after: { errors } }) => [action, errors.map(({ policy }) => policy)])).toEqual([
      ['edit', ['factor']],
    ])
  })

  it('tell of other reasons only when they are asked for', () => {
    const after = world(
      `${POLICIES} @id("again") permit (principal, action, resource) when { resource.owner == principal };`,
    )
    expect(diffWorlds(before, after, { seed: 1 }).differences).toEqual([])
    const { differences } = diffWorlds(before, after, { seed: 1, reasons: true })
    expect(new Set(differences.map(({ direction }) => direction))).toEqual(new Set(['other-reasons']))
  })

  it('are none between policies that only moved', () => {
    const moved = world(
      POLICIES.trim()
        .split('\n@id')
        .map((part, at) => (at === 0 ? part : `@id${part}`))
        .toReversed()
        .join('\n\n'),
    )
    const { differences, compared, policies } = diffWorlds(before, moved, { seed: 1, samples: 500, matrix })
    expect({ differences, compared, policies }).toEqual({
      differences: [],
      compared: { cells: 9, samples: 500 },
      policies: [],
    })
  })

  it('skip a cell that both cannot be asked, and say why', () => {
    const { edit: _, ...actions } = schema.actions
    const { skipped, compared } = diffWorlds(before, createWorld({ schema: { ...schema, actions }, policies: [] }), {
      seed: 1,
      samples: 10,
      matrix,
    })
    expect(compared.cells).toBe(6)
    expect(new Set(skipped.map(({ reason }) => reason))).toEqual(new Set(['the action `edit` cannot be asked of both']))
  })
})
