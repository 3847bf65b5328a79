// The fuzzer itself: its scenarios are repeatable and worth deciding, nothing is rounded on the way to Cedar, a crash of cedar-wasm
// does not end a run, and a wrong judge is found, made small and saved as a case that is run from then on.

import {
  childrenOf,
  compileProgram,
  type Expression,
  type ExtensionFunction,
  parsePolicies,
  type Policy,
} from '@cardea/policy'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { answer, underRule } from './answer.ts'
import { loadCases } from './case.ts'
import { checkCase } from './check-case.ts'
import { EVALUATORS, type Evaluator } from './engine.ts'
import { createCedarJudge } from './fuzz/cedar-judge.ts'
import { createFuzzer } from './fuzz/fuzzer.ts'
import { makeScenario, type Scenario } from './fuzz/scenario.ts'
import { withPart } from './fuzz/with-part.ts'
import { runThread } from './fuzz/thread.ts'
import { createSchemaReader } from './schema.ts'

const SEED = 20_261

function treesOf({ policies }: Scenario): readonly Policy[] {
  return policies.flatMap(({ text }) => parsePolicies(text, { ids: 'position' }).policies)
}

function nodesOf(node: Expression): readonly Expression[] {
  return [node, ...childrenOf(node).flatMap(nodesOf)]
}

describe('scenarios', () => {
  const scenarios = Array.from({ length: 400 }, (_, number) => makeScenario(SEED, number))
  const nodes = scenarios
    .flatMap(treesOf)
    .flatMap(({ conditions }) => conditions)
    .flatMap(({ body }) => nodesOf(body))

  it('are the same for the same seed and number, and others for others', () => {
    expect(makeScenario(SEED, 3)).toEqual(scenarios[3])
    const texts = new Set(scenarios.map(({ policies }) => policies.map(({ text }) => text).join()))
    expect(texts.size).toBe(scenarios.length)
    expect(makeScenario(SEED + 1, 3)).not.toEqual(scenarios[3])
  })

  it('use every operator', () => {
    const kinds = new Set(nodes.map(({ kind }) => kind))
    const expected =
      'literal variable not negate isEmpty if attribute has like is set record call and or equal notEqual less lessEqual greater greaterEqual add subtract multiply in contains containsAll containsAny getTag hasTag'
    expect([...kinds].toSorted()).toEqual(expected.split(' ').toSorted())
  })

  it('call every extension function, with right and with wrong numbers of arguments', () => {
    const calls = new Map<ExtensionFunction, Set<number>>()
    for (const node of nodes) {
      if (node.kind !== 'call') continue
      calls.set(node.function, (calls.get(node.function) ?? new Set()).add(node.arguments.length))
    }
    expect(calls.size).toBe(22)
    expect([...calls.values()].filter((counts) => counts.size > 1).length).toBeGreaterThan(6)
  })

  it('have templates, links, schemas, hierarchies, tags, paths, and Longs beyond 2^53', () => {
    const having = (what: (scenario: Scenario) => boolean): number => scenarios.filter(what).length
    expect(having(({ links }) => links.length > 2)).toBeGreaterThan(20)
    expect(having(({ schema }) => schema !== undefined)).toBeGreaterThan(20)
    expect(having(({ entities }) => entities.some(({ parents }) => parents.length > 0))).toBeGreaterThan(20)
    expect(having(({ entities }) => entities.some(({ tags }) => tags !== undefined))).toBeGreaterThan(20)
    expect(having(({ requests }) => JSON.stringify(requests).includes('__long'))).toBeGreaterThan(20)
    expect(nodes.filter((node) => node.kind === 'has' && node.path.length > 1).length).toBeGreaterThan(20)
  })
})

describe('the judges', () => {
  it('agree, on decisions of every kind', () => {
    const fuzzer = createFuzzer()
    for (let number = 0; number < 60; number++) {
      expect(fuzzer.compare(makeScenario(SEED, number))?.text).toBeUndefined()
    }
    const { decisions, allowed, forbidden, erring, changed, refused } = fuzzer.tally
    expect(decisions).toBeGreaterThan(1000)
    for (const count of [allowed, forbidden, erring]) expect(count / decisions).toBeGreaterThan(0.02)
    expect(changed).toBeGreaterThan(5)
    expect(refused).toBeLessThan(2)
  }, 120_000)

  it('decide typed scenarios mostly without error', () => {
    const fuzzer = createFuzzer()
    for (let number = 0; number < 30; number++) fuzzer.compare(makeScenario(SEED, number, 'typed'))
    const { decisions, erring } = fuzzer.tally
    expect(erring / decisions).toBeLessThan(0.15)
  }, 120_000)

  it.each(['9007199254740993', '9223372036854775807', '-9223372036854775808'])('see %s as it is', (digits) => {
    const uid = { type: 'User', id: 'a' }
    const scenario: Scenario = {
      ...EMPTY,
      policies: [
        policy(`permit (principal, action, resource) when { context.n == (${digits}) && principal.n == context.n };`),
      ],
      entities: [{ uid, attrs: { n: { __long: digits } }, parents: [] }],
      requests: [{ principal: uid, action: ACTION, resource: uid, context: { n: { __long: digits } } }],
    }
    expect(createCedarJudge().judge(scenario)).toEqual({ answers: [answer('allow', ['policy0'], [])] })
    expect(createFuzzer().compare(scenario)).toBeUndefined()
  })

  it('go on after cedar-wasm has thrown', () => {
    const cedar = createCedarJudge()
    const deep: Scenario = {
      ...EMPTY,
      policies: [
        policy(`permit (principal, action, resource) when { ${'('.repeat(20_000)}true${')'.repeat(20_000)} };`),
      ],
    }
    expect(cedar.judge(deep)).toHaveProperty('refused')
    expect(cedar.crashes).toBe(1)
    expect(cedar.judge(makeScenario(SEED, 1))).toHaveProperty('answers')
  })
})

describe("the rule for erring forbids, read off Cedar's answer", () => {
  const effectOf = (id: string): 'permit' | 'forbid' => (id.startsWith('f') ? 'forbid' : 'permit')
  it.each([
    ['a permit', answer('allow', ['p'], []), answer('allow', ['p'], [])],
    ['a permit beside an erring permit', answer('allow', ['p'], ['q']), answer('allow', ['p'], ['q'])],
    ['a permit beside an erring forbid', answer('allow', ['p'], ['f', 'q']), answer('deny', ['f'], ['f', 'q'])],
    ['no permit beside an erring forbid', answer('deny', [], ['f']), answer('deny', ['f'], ['f'])],
    ['a forbid beside an erring forbid', answer('deny', ['f'], ['fg']), answer('deny', ['f'], ['fg'])],
    ['nothing', answer('deny', [], []), answer('deny', [], [])],
  ])('%s', (_, cedars, expected) => {
    expect(underRule('deny', cedars, effectOf)).toEqual(expected)
    expect(underRule('skip', cedars, effectOf)).toEqual(cedars)
  })
})

/** Takes `<` for `<=`. */
const WRONG: Evaluator = {
  name: 'wrong',
  compile: (policies, options) =>
    compileProgram(
      policies.map((policy) => ({
        ...policy,
        conditions: policy.conditions.map((condition) => ({ ...condition, body: mistaken(condition.body) })),
      })),
      options,
    ),
}

function mistaken(node: Expression): Expression {
  return childrenOf(node).reduce<Expression>(
    (whole, part, index) => withPart(whole, index, mistaken(part)),
    node.kind === 'less' ? { ...node, kind: 'lessEqual' } : node,
  )
}

describe('a wrong judge', () => {
  it('is found, and what shows it is made small and saved as a case that the runner runs', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cardea-fuzz-'))
    try {
      const file = join(folder, 'found.jsonl')
      const options = { seed: SEED, seconds: 60, first: 0, step: 1, file, stop: new Int32Array(1) }
      const { found } = runThread(options, createFuzzer([...EVALUATORS, WRONG]))
      expect(found?.text).toContain('wrong')
      expect(found?.isSaved).toBe(true)
      expect(found?.policies).toHaveLength(1)
      expect(found?.policies[0]).toMatch(/ < /)
      expect(found?.policies[0]?.length).toBeLessThan(200)

      const [saved, ...others] = await loadCases(file)
      expect(others).toEqual([])
      if (saved === undefined) throw new Error('nothing was saved')
      expect(saved.requests).toHaveLength(1)
      const failures = (evaluators: readonly Evaluator[]) =>
        checkCase(saved, createSchemaReader(), evaluators).flatMap(({ failure }) => failure ?? [])
      expect(failures(EVALUATORS)).toEqual([])
      expect(failures([WRONG])).toHaveLength(1)
    } finally {
      await rm(folder, { recursive: true })
    }
  }, 120_000)
})

describe('the command', () => {
  const run = (...args: readonly string[]): Promise<{ exitCode: number; output: string }> => {
    const options = { env: { ...process.env, NODE_OPTIONS: '--conditions=@cardea/source' } }
    const path = fileURLToPath(new URL('fuzz/main.ts', import.meta.url))
    return new Promise((resolve) => {
      const child = execFile(process.execPath, [path, ...args], options, (_, stdout, stderr) => {
        resolve({ exitCode: child.exitCode ?? -1, output: stdout + stderr })
      })
    })
  }

  it('prints its rate and seed', async () => {
    const { exitCode, output } = await run('--seconds', '1', '--seed', '7', '--threads', '1')
    expect(output).toMatch(/\nseed 7, \d+ decisions a second, 0 disagreements\n$/)
    expect(exitCode).toBe(0)
  })

  it('prints one object with --json', async () => {
    const { output } = await run('--seconds', '1', '--seed', '8', '--threads', '1', '--json')
    expect(JSON.parse(output)).toMatchObject({ seed: 8, disagreements: [], crashes: 0 })
  })

  it.each([
    [['--seconds', 'x'], /--seconds takes/],
    [['--seed', 'x'], /--seed takes/],
    [['--threads', '0'], /--threads takes/],
    [['--fast'], /--fast/],
  ])('says what is wrong with %j', async (args, message) => {
    const { exitCode, output } = await run(...args)
    expect(output).toMatch(message)
    expect(exitCode).toBe(1)
  })
})

const ACTION = { type: 'Action', id: 'view' }
const EMPTY: Scenario = {
  id: 'by hand',
  policies: [],
  entities: [],
  actions: [],
  links: [],
  requests: [
    { principal: { type: 'User', id: 'a' }, action: ACTION, resource: { type: 'User', id: 'b' }, context: {} },
  ],
}

function policy(text: string): Scenario['policies'][number] {
  return { id: 'policy0', effect: 'permit', isTemplate: false, text }
}
