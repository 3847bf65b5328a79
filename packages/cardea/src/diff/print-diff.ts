// A comparison for people: what changed in the texts, then what is newly allowed, newly denied and newly cannot be evaluated, each with the
// smallest example, what decides before and after, and the policies behind it.

import type { Answers, Difference, Direction, WorldDiff } from '@cardea/testkit'
import { type Colors, colors } from '../output/colors.ts'
import { printable, printableLines } from '../output/printable.ts'
import { describeSample } from './describe-sample.ts'
import { lineDiff } from './line-diff.ts'
import type { Side } from './load-side.ts'
import { type PolicyText, policyTexts } from './policy-texts.ts'

export interface Compared {
  readonly before: Side
  readonly after: Side
  readonly seed: number
  readonly diff: WorldDiff
}

const TITLES: Readonly<Record<Direction, string>> = {
  'newly-allows': 'newly allows',
  'newly-denies': 'newly denies',
  'newly-errs': 'newly cannot be evaluated',
  'other-reasons': 'the same for other reasons',
}

/** `limit`: examples of each direction. */
export function printDiff(compared: Compared, limit: number): void {
  const paint = colors()
  printChanges(compared, paint)
  const texts = { before: policyTexts(compared.before), after: policyTexts(compared.after) }
  const shown = new Set<string>()
  for (const [direction, title] of Object.entries(TITLES)) {
    const found = compared.diff.differences.filter((difference) => difference.direction === direction)
    if (found.length === 0) continue
    const tint = direction === 'newly-allows' ? paint.red : paint.yellow
    for (const difference of found.slice(0, limit)) {
      console.log(`\n${tint(title)} ${paint.bold(headingOf(difference))}`)
      printDifference(difference, texts, shown, paint)
    }
    if (found.length > limit)
      console.log(paint.dim(`\n... and ${found.length - limit} more that it ${title} (--limit)`))
  }
  printSum(compared, paint)
}

function printChanges({ before, after, diff }: Compared, { bold, dim, yellow }: Colors): void {
  const { policies, schema, skipped } = diff
  const count = (filter: (change: (typeof policies)[number]) => boolean): number => policies.filter(filter).length
  const changed = count((change) => change.before !== undefined && change.after !== undefined)
  const [added, gone] = [count((change) => change.before === undefined), count((change) => change.after === undefined)]
  const counts =
    policies.length === 0 ? 'no policy changed' : `policies: ${changed} changed, ${added} new, ${gone} gone`
  console.log(`${bold(`${printable(before.name)} -> ${printable(after.name)}`)}, ${counts}`)
  for (const change of policies) {
    const word = change.before === undefined ? 'new    ' : change.after === undefined ? 'gone   ' : 'changed'
    console.log(`  ${word} ${printable(change.id)}`)
  }
  for (const { what, name, side, message } of schema) {
    const where = side === 'both' ? '' : ` (only in ${side === 'before' ? before.name : after.name})`
    console.log(yellow(`  schema  ${what} ${printable(name)}: ${message}${printable(where)}; it is not compared`))
  }
  for (const { key, reason } of skipped) console.log(dim(`  skipped ${printable(key)}: ${printable(reason)}`))
}

function headingOf({ action, principalType, resourceType }: Difference): string {
  return printable(`${action}: ${principalType} on ${resourceType}`)
}

function printDifference(
  difference: Difference,
  texts: { readonly before: Texts; readonly after: Texts },
  shown: Set<string>,
  { dim, green, red, cyan }: Colors,
): void {
  const { cells, samples, essence, before, after } = difference
  for (const key of cells) console.log(`  ${cyan('cell')}       ${printable(key)}`)
  if (samples > 0) console.log(dim(`  ${samples} of the sampled requests, the smallest found:`))
  for (const line of describeSample(essence)) console.log(`  ${printable(line)}`)
  console.log(`  before     ${printable(because(before, difference, texts.before))}`)
  console.log(`  after      ${printable(because(after, difference, texts.after))}`)
  for (const id of policiesOf(difference)) {
    if (shown.has(id)) continue
    shown.add(id)
    const [old, now] = [texts.before.get(id), texts.after.get(id)]
    for (const { sign, text } of lineDiff(old?.text ?? '', now?.text ?? '')) {
      if (text === '' && (old === undefined || now === undefined)) continue
      const line = `    ${sign} ${printableLines(text)}`
      console.log(sign === '-' ? red(line) : sign === '+' ? green(line) : dim(line))
    }
  }
}

type Texts = ReadonlyMap<string, PolicyText>

/** `allow because owner-edits (policy/policies.cedar:4)`. */
function because(
  { decision, reason, determining, errors }: Answers['before'],
  { example }: Difference,
  texts: Texts,
): string {
  const place = (id: string): string => {
    const text = texts.get(templateOf(id, example))
    return text === undefined ? id : `${id} (${text.file}:${text.line})`
  }
  const causes = reason === 'forbid-error' ? errors.map(({ policy }) => policy) : determining
  const said = causes.length === 0 ? 'no permit applies' : causes.map(place).join(', ')
  const erring =
    errors.length === 0 ? '' : `; ${errors.map(({ policy, message }) => `${place(policy)}: ${message}`).join(', ')}`
  return `${decision} because ${said}${erring}`
}

/** Every policy that has a part in the decisions, by its own id. */
function policiesOf({ before, after, example }: Difference): readonly string[] {
  const ids = [before, after].flatMap(({ determining, errors }) => [
    ...determining,
    ...errors.map(({ policy }) => policy),
  ])
  return [...new Set(ids.map((id) => templateOf(id, example)))]
}

/** A link is named by its own id; what is written is its template. */
function templateOf(id: string, { links }: Difference['example']): string {
  return links.find((link) => link.id === id)?.template ?? id
}

function printSum({ diff, seed }: Compared, { green, red, yellow }: Colors): void {
  const { cells, samples } = diff.compared
  const what = `${cells} cells of the matrix and ${samples} sampled requests (seed ${seed})`
  if (cells + samples === 0) {
    console.log(yellow('\nnothing was compared: no action can be asked of both'))
    return
  }
  const count = (direction: Direction): number =>
    diff.differences.filter((difference) => difference.direction === direction).length
  const [allows, denies, errs] = [count('newly-allows'), count('newly-denies'), count('newly-errs')]
  if (diff.differences.length === 0) console.log(green(`\nno difference in ${what}`))
  else {
    const sum = `${allows} newly allowed, ${denies} newly denied, ${errs} newly erring, in ${what}`
    console.log(`\n${allows > 0 ? red(sum) : yellow(sum)}`)
  }
}
