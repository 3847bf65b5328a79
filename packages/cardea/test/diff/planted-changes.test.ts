// Planted changes: each is found by the sample of the default size, in its direction, without the help of any matrix.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkEntity, checkRequest, type SchemaDefinition } from '@cardea/policy'
import {
  createSampler,
  createWorld,
  DEFAULT_SAMPLES,
  type Direction,
  diffWorlds,
  requestOf,
  type World,
} from '@cardea/testkit'
import { createValidator } from '@cardea/validate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LABORATORY, PLANTED, type Project, PROJECTS } from './planted-changes.ts'

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url))
const SEED = 1

interface Loaded {
  readonly definition: SchemaDefinition
  readonly text: string
}

const validator = createValidator()
const projects = new Map<Project, Loaded>()

beforeAll(async () => {
  const load = async (name: Project, schema: string, text: string): Promise<void> => {
    const { definition, problems } = await validator.check({
      schema: { file: 'schema.cedarschema', text: schema },
      policies: [{ file: 'policies.cedar', text }],
    })
    if (definition === undefined) throw new Error(`the schema of ${name}: ${problems[0]?.message ?? ''}`)
    projects.set(name, { definition, text })
  }
  for (const [name, folder] of Object.entries(PROJECTS)) {
    const read = (file: string): Promise<string> => readFile(join(ROOT, folder, file), 'utf8')
    await load(name as Project, await read('schema.cedarschema'), await read('policies.cedar'))
  }
  await load('laboratory', LABORATORY.schema, LABORATORY.policies)
})
afterAll(() => validator.close())

function project(name: Project): Loaded {
  const found = projects.get(name)
  if (found === undefined) throw new Error(`there is no project ${name}`)
  return found
}

function worldOf({ definition }: Loaded, text: string): World {
  return createWorld({ schema: definition, policies: [{ file: 'policies.cedar', text }] })
}

/** How many samples it takes to find the direction. A smaller sample is the beginning of a larger one. */
function samplesToFind(direction: Direction, before: World, after: World): number {
  for (let samples = 125; samples < DEFAULT_SAMPLES; samples *= 2) {
    const { differences } = diffWorlds(before, after, { seed: SEED, samples })
    if (differences.some((difference) => difference.direction === direction)) return samples
  }
  const { differences } = diffWorlds(before, after, { seed: SEED })
  return differences.some((difference) => difference.direction === direction) ? DEFAULT_SAMPLES : Infinity
}

const OPPOSITE: Partial<Record<Direction, Direction>> = {
  'newly-allows': 'newly-denies',
  'newly-denies': 'newly-allows',
}

describe('a planted change', () => {
  it.each(PLANTED)('%s: %s', (name, _what, from, to, direction) => {
    const loaded = project(name)
    const changed = loaded.text.replace(from, to)
    expect(changed).not.toBe(loaded.text)
    const [before, after] = [worldOf(loaded, loaded.text), worldOf(loaded, changed)]
    expect(samplesToFind(direction, before, after)).toBeLessThanOrEqual(DEFAULT_SAMPLES)
    const opposite = OPPOSITE[direction]
    if (opposite === undefined) return
    expect(samplesToFind(opposite, after, before)).toBeLessThanOrEqual(DEFAULT_SAMPLES)
  })
})

describe.each([...Object.keys(PROJECTS), 'laboratory'] as Project[])('a sample of %s', (name) => {
  it('is valid by the schema, whatever is drawn, and the same when it is drawn again', () => {
    const loaded = project(name)
    const world = worldOf(loaded, loaded.text)
    const { schema } = world
    const sampler = createSampler(world, world, SEED)
    const actions = new Set<string>()
    for (let index = 0; index < 400; index += 1) {
      const sample = sampler.draw(index)
      if (sample === undefined) throw new Error(`sample ${index} could not be drawn`)
      actions.add(sample.action)
      const request = requestOf(sample, schema)
      expect(checkRequest(schema, request)).toEqual([])
      for (const { uid } of sample.entities) {
        const entity = request.entities.get(uid)
        expect(entity === undefined ? 'missing' : checkEntity(schema, entity)).toEqual([])
      }
    }
    expect(actions.size).toBe(
      Object.values(schema.definition.actions).filter(({ principals }) => principals.length > 0).length,
    )
    expect(createSampler(world, world, SEED).draw(99)).toEqual(sampler.draw(99))
  })

  it('allows some and denies some', () => {
    const loaded = project(name)
    const { world, nothing } = { world: worldOf(loaded, loaded.text), nothing: worldOf(loaded, '') }
    const directions = new Set(
      diffWorlds(world, nothing, { seed: SEED, samples: 200 }).differences.map((one) => one.direction),
    )
    expect([...directions]).toEqual(['newly-denies'])
  })
})
