// Deciding is bounded: look-ups by the size of the policies, `like` by the length of the text. Work is counted where it can be; where
// it cannot, growth is compared, with room for a busy machine between linear and quadratic.

import { describe, expect, it } from 'vitest'
import { compileProgram } from '../../src/compile/program.ts'
import { decide } from '../../src/decide/decide.ts'
import type { Request } from '../../src/decide/request.ts'
import { createEntities } from '../../src/entity/entities.ts'
import { entityUid } from '../../src/entity/uid.ts'
import { parsePolicies } from '../../src/syntax/parse-policies.ts'
import { setValue } from '../../src/value/equality.ts'
import type { Value } from '../../src/value/value.ts'

const ANN = entityUid('User', 'ann')

function requestWith(context: { readonly [name: string]: Value }, entities = createEntities([{ uid: ANN }])): Request {
  return {
    principal: ANN,
    action: entityUid('Action', 'view'),
    resource: entityUid('Doc', '1'),
    context: new Map(Object.entries(context)),
    entities,
  }
}

describe('look-ups of entities', () => {
  const teams = (count: number): Value => setValue(Array.from({ length: count }, (_, n) => entityUid('Team', `${n}`)))
  it.each([
    ['one for each member of a set, whatever the chain', 'User::"bob" in context.teams', 50, 60],
    ['none for what the request names', 'principal in Team::"a" || resource in Team::"b"', 50, 10],
    ['one a step of a path', 'User::"bob" has a.b.c || User::"bob" has d', 50, 10],
    ['none behind a condition that decides', 'false && User::"bob" in context.teams', 50, 10],
  ])('%s', (_, condition, size, most) => {
    const program = compileProgram(
      parsePolicies(`permit (principal, action, resource) when { ${condition} };`).policies,
    )
    let calls = 0
    const entities = { get: () => void (calls += 1) }
    decide(program, requestWith({ teams: teams(size) }, entities))
    expect(calls).toBeLessThanOrEqual(most)
  })

  it('do not grow with policies for others', () => {
    const calls = [10, 1000].map((count) => {
      const texts = Array.from(
        { length: count },
        (_, n) => `@id("${n}") permit (principal in Team::"${n}", action, resource) when { Team::"${n}" has a };`,
      )
      const program = compileProgram(texts.flatMap((text) => parsePolicies(text).policies))
      let calls = 0
      decide(program, requestWith({}, { get: () => void (calls += 1) }))
      return calls
    })
    expect(calls[1]).toBe(calls[0])
  })
})

describe('`like`', () => {
  const PATTERNS = [`${'*a'.repeat(60)}*b`, `*${'a'.repeat(60)}b*`, `a*${'aa*'.repeat(40)}c`, `${'*'.repeat(200)}b`]

  it.each(PATTERNS)('takes work in proportion to the text: %s', (pattern) => {
    const text = `permit (principal, action, resource) when { context.text like "${pattern}" };`
    const program = compileProgram(parsePolicies(text).policies)
    // the same number of characters, in long texts and in short ones: linear is the same time, quadratic 64 times
    const milliseconds = (length: number): number => {
      const request = requestWith({ text: 'a'.repeat(length) })
      const times = Array.from({ length: 3 }, () => {
        const started = performance.now()
        for (let done = 0; done < 3_200_000; done += length) expect(decide(program, request).decision).toBe('deny')
        return performance.now() - started
      })
      return Math.min(...times)
    }
    milliseconds(25_000)
    expect(milliseconds(1_600_000) / milliseconds(25_000)).toBeLessThan(16)
  })
})
