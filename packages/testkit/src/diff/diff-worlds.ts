// What a change of policies changes: every cell of a matrix and every question of a typed random sample is asked of both, and what differs is
// told by direction, the dangerous one first, each with the smallest example found. It finds differences; it proves none absent.

import type { Decision } from '@cardea/policy'
import { type MatrixSamples, matrixSamples } from '../matrix/matrix-samples.ts'
import type { Matrix } from '../matrix/matrix.ts'
import type { SchemaDifference } from '../sample/common-schema.ts'
import { createSampler } from '../sample/sampler.ts'
import type { Sample } from '../sample/sample.ts'
import type { World } from '../world.ts'
import type { PolicyChange } from './changed-policies.ts'
import { type Answers, answersTo, culpritsOf, type Direction, directionsOf, stillShows } from './difference.ts'
import { essenceOf, shrink } from './shrink.ts'

export interface DiffOptions {
  /** Random questions; 5 000 by default. */
  readonly samples?: number
  /** The same seed asks the same. */
  readonly seed: number
  readonly matrix?: Matrix
  /** Also tell of decisions that are the same by other policies. */
  readonly reasons?: boolean
}

export interface WorldDiff {
  /** In the order of the output: newly allowed, newly denied, newly erring, other reasons; within each as found, cells first. */
  readonly differences: readonly Difference[]
  readonly compared: { readonly cells: number; readonly samples: number }
  /** Cells that cannot be asked of both, and why. */
  readonly skipped: MatrixSamples['skipped']
  readonly schema: readonly SchemaDifference[]
  readonly policies: readonly PolicyChange[]
}

/** Questions that are answered differently in one way: the same action and types, and the same policies made the difference. */
export interface Difference {
  readonly direction: Direction
  readonly action: string
  readonly principalType: string
  readonly resourceType: string
  /** What determines the example. */
  readonly before: Decision
  readonly after: Decision
  /** Keys of the cells of the matrix. */
  readonly cells: readonly string[]
  /** How many questions of the sample. */
  readonly samples: number
  /** Complete: both schemas have nothing against it. */
  readonly example: Sample
  /** The example without what neither side reads. */
  readonly essence: Sample
}

export const DEFAULT_SAMPLES = 5000

/** Kinds of difference that get an example of their own; further ones are counted with the first that is alike. */
const MAXIMUM_EXAMPLES = 400

/**
 * Compares. Samples use what both schemas know; `schema` says what is on one side only.
 * Cost: about 0.2 ms a sample, and some milliseconds for each kind of difference.
 */
export function diffWorlds(before: World, after: World, options: DiffOptions): WorldDiff {
  const { samples = DEFAULT_SAMPLES, seed, matrix, reasons = false } = options
  const sampler = createSampler(before, after, seed)
  const { cells, skipped } =
    matrix === undefined ? NO_CELLS : matrixSamples(matrix, sampler.common.definition, [before, after])
  const kinds = new Map<string, Kind>()
  for (const { key, sample } of cells) collect(kinds, sample, answersTo(sample, before, after), key)
  let drawn = 0
  for (let index = 0; index < samples; index += 1) {
    const sample = sampler.draw(index)
    if (sample === undefined) continue
    drawn += 1
    collect(kinds, sample, answersTo(sample, before, after))
  }
  const found = [...kinds.values()]
    .filter(({ direction }) => reasons || direction !== 'other-reasons')
    .slice(0, MAXIMUM_EXAMPLES)
    .map((kind) => smallest(kind, sampler.common.definition, before, after))
  return {
    differences: merge(found).toSorted((left, right) => ORDER.indexOf(left.direction) - ORDER.indexOf(right.direction)),
    compared: { cells: cells.length, samples: drawn },
    skipped,
    schema: sampler.common.differences,
    policies: sampler.changes,
  }
}

const NO_CELLS: MatrixSamples = { cells: [], skipped: [] }
const ORDER: readonly Direction[] = ['newly-allows', 'newly-denies', 'newly-errs', 'other-reasons']

/** What was answered in one way so far, with the smallest question. */
interface Kind {
  readonly direction: Direction
  readonly cells: string[]
  samples: number
  sample: Sample
  answers: Answers
}

function collect(kinds: Map<string, Kind>, sample: Sample, answers: Answers, cell?: string): void {
  for (const direction of directionsOf(answers)) {
    const key = keyOf(direction, sample, answers)
    const kind = kinds.get(key) ?? { direction, cells: [], samples: 0, sample, answers }
    kinds.set(key, kind)
    if (cell === undefined) kind.samples += 1
    else kind.cells.push(cell)
    if (sizeOf(sample) >= sizeOf(kind.sample)) continue
    kind.sample = sample
    kind.answers = answers
  }
}

function keyOf(direction: Direction, sample: Sample, answers: Answers): string {
  const { action, principal, resource, links } = sample
  const written = (id: string): string => links.find((link) => link.id === id)?.template ?? id
  const culprits = new Set(culpritsOf(direction, answers).map(written))
  return JSON.stringify([direction, action, principal.type, resource.type, ...culprits])
}

function sizeOf({ context, entities, links }: Sample): number {
  return entities.reduce(
    (size, { attributes, parents, tags }) => size + 1 + attributes.size + parents.length + tags.size,
    context.size + links.length,
  )
}

function smallest(
  { direction, cells, samples, sample, answers }: Kind,
  definition: Parameters<typeof shrink>[1],
  before: World,
  after: World,
): Difference {
  const shows = (wanted: Answers) => (smaller: Sample) => stillShows(direction, wanted, smaller, before, after)
  const example = withNumberedLinks(shrink(sample, definition, shows(answers)))
  const final = answersTo(example, before, after)
  return {
    direction,
    action: example.action,
    principalType: example.principal.type,
    resourceType: example.resource.type,
    ...final,
    cells,
    samples,
    example,
    essence: essenceOf(example, shows(final)),
  }
}

/** `viewer`, `viewer-2`: without the gaps of those that are gone. */
function withNumberedLinks(sample: Sample): Sample {
  const counts = new Map<string, number>()
  const links = sample.links.map((link) => {
    const count = (counts.get(link.template) ?? 0) + 1
    counts.set(link.template, count)
    return { ...link, id: count === 1 ? link.template : `${link.template}-${count}` }
  })
  return { ...sample, links }
}

/** What became alike by being made smaller is one difference. */
function merge(differences: readonly Difference[]): Difference[] {
  const merged = new Map<string, Difference>()
  for (const difference of differences) {
    const key = keyOf(difference.direction, difference.example, difference)
    const other = merged.get(key)
    const smaller = other === undefined || sizeOf(difference.example) < sizeOf(other.example) ? difference : other
    merged.set(key, {
      ...smaller,
      cells: [...(other?.cells ?? []), ...difference.cells],
      samples: (other?.samples ?? 0) + difference.samples,
    })
  }
  return [...merged.values()]
}
