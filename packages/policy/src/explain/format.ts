// An explanation as people read it in a terminal: what decided, then the near misses, each with a code frame in which the parts that came
// out otherwise are underlined, then what would change it. Policy text is untrusted: nothing of it can act on a terminal.

import { formatRemedy } from '../annotation/advice.ts'
import { formatFrame } from '../print/format-problem.ts'
import type { Mark } from '../print/frame.ts'
import { visible } from '../syntax/visible.ts'
import { phraseOf } from './change.ts'
import type {
  DeterminingPolicy,
  ErringPolicy,
  ExplainedPolicy,
  Explanation,
  Flip,
  Nearby,
  NearMiss,
  Operand,
  UsedGrant,
} from './explanation.ts'
import { reasonOf } from './line.ts'
import { codeText, placeText } from './text.ts'

export interface FormatExplanationOptions {
  /** ANSI colours; default `false`. */
  readonly color?: boolean
  /** Texts by file name. Without that of its file, a policy is shown without a frame. */
  readonly sources?: ReadonlyMap<string, string>
}

/** Several paragraphs; the first line begins with `ALLOW` or `DENY`. */
export function formatExplanation(explanation: Explanation, options: FormatExplanationOptions = {}): string {
  const { determining, nearMisses, nearby, errors, more, remedies, asked } = explanation
  const shown = new Set([...determining.map(({ id }) => id), ...nearMisses.map(({ policy }) => policy.id)])
  const others = errors.filter(({ id }) => !shown.has(id))
  return [
    headline(explanation, options),
    ...determining.map((one) => determiningPart(one, options)),
    ...moreOf(more.determining, 'more that determine it'),
    ...(nearby === undefined ? [] : [nearbyPart(nearby, asked)]),
    ...nearMisses.map((miss) => missPart(miss, options)),
    ...moreOf(more.nearMisses, 'more permits that do not apply'),
    ...others.map((error) => errorPart(error, options)),
    ...moreOf(more.errors, 'more that could not be decided'),
    ...(remedies.length === 0 ? [] : [`remedy: ${remedies.map((one) => code(formatRemedy(one))).join(', or ')}`]),
  ].join('\n\n')
}

const REASONS: { readonly [R in Explanation['reason']]: string } = {
  permit: 'a permit applies, and no forbid',
  forbid: 'a forbid applies',
  'forbid-error': 'a forbid could not be decided',
  'no-permit': 'no permit applies',
}

function headline({ decision, reason }: Explanation, { color = false }: FormatExplanationOptions): string {
  const word = decision.toUpperCase()
  return `${color ? `\u001b[1;${decision === 'allow' ? 32 : 31}m${word}\u001b[0m` : word}: ${REASONS[reason]}`
}

function determiningPart(
  { policy, grant, error, flips }: DeterminingPolicy,
  options: FormatExplanationOptions,
): string {
  const outcome = error === undefined ? 'applies' : `errs: ${visible(error.message)}`
  const by = grant === undefined ? '' : grantPhrase(grant)
  const [head, ...frame] = policyPart(policy, `${policy.effect}: ${code(policy.id)} ${outcome}${by}`, flips, options)
  return [head, ...frame, ...docLine(policy), ...flipLines(flips, 'would keep it away')].join('\n')
}

function missPart({ policy, flips }: NearMiss, options: FormatExplanationOptions): string {
  const [head, ...frame] = policyPart(policy, `near miss: permit ${code(policy.id)} does not apply`, flips, options)
  return [head, ...frame, ...docLine(policy), ...flipLines(flips, 'would meet it')].join('\n')
}

/** `file:line:column: what`, and the policy with the parts underlined that came out otherwise. */
function policyPart(
  { place }: ExplainedPolicy,
  what: string,
  flips: readonly Flip[],
  { sources, color = false }: FormatExplanationOptions,
): readonly string[] {
  const source = sources?.get(place.file)
  const head = `${placeText(place)}: ${what}`
  if (source === undefined) return [head, ...flips.map((flip) => `  ${reasonOf(flip, {})}`)]
  const marks = flips.map(
    (flip): Mark => ({ start: flip.place.start, end: flip.place.end, label: labelOf(flip), style: 'error' }),
  )
  const whole: Mark = { start: place.start, end: place.end, label: '', style: 'frame' }
  return [head, ...formatFrame(source, marks.length === 0 ? [whole] : marks, { color })]
}

function labelOf(flip: Flip): string {
  if (flip.kind === 'grant' && flip.state === 'expired' && flip.untilSeconds !== undefined) {
    return `the grant ended at ${timeText(flip.untilSeconds)}`
  }
  if (flip.kind !== 'condition') return visible(reasonOf(flip, {}))
  return flip.error === undefined ? `is ${flip.outcome}` : `errs: ${visible(flip.error.message)}`
}

/** What the parts read, and what would turn them, each once. */
function flipLines(flips: readonly Flip[], verb: string): string[] {
  const operands = flips.flatMap((flip) => (flip.kind === 'condition' ? operandsOf(flip) : []))
  const changes = new Set(flips.flatMap(({ change }) => (change === undefined ? [] : phraseOf(change, code))))
  return [
    ...new Set(operands.map((operand) => `  = ${operandPhrase(operand)}`)),
    ...(changes.size === 0 ? [] : [`  = ${verb}: ${[...changes].join('; and ')}`]),
  ]
}

/** A part that only reads a Bool has said its value already. */
function operandsOf({ operands, text }: Extract<Flip, { readonly kind: 'condition' }>): readonly Operand[] {
  return operands.filter((operand) => operand.text !== text || operand.kind !== 'Bool')
}

function operandPhrase({ text, kind, type, value }: Operand): string {
  const name = code(text)
  if (value !== undefined) return `${name} is ${code(value)}`
  switch (kind) {
    case 'absent':
      return `${name} is absent`
    case 'unknown-entity':
      return `${name} is of an entity that is not there`
    case 'error':
      return `${name} cannot be evaluated`
    default:
      return `${name} is of type ${code(type ?? kind)}`
  }
}

function grantPhrase({ to, on, untilSeconds }: UsedGrant): string {
  const whom = to === 'group' ? ' to a group' : ''
  const where =
    on === 'ancestor' ? ' on something that the resource is in' : on === 'resource' ? ' on the resource' : ''
  return ` by a grant${whom}${where}${untilSeconds === undefined ? '' : `, until ${timeText(untilSeconds)}`}`
}

function nearbyPart({ meant, actions, principalTypes, resourceTypes }: Nearby, asked: Explanation['asked']): string {
  const list = (names: readonly string[]): string => names.map(code).join(', ')
  const { principalType, action, resourceType } = asked
  return [
    `no permit is for ${code(action)} by a ${code(principalType)} on a ${code(resourceType)}`,
    ...(meant === undefined ? [] : [`  = did you mean ${code(meant)}?`]),
    ...(actions.length === 0 ? [] : [`  = permits by and on these types are for ${list(actions)}`]),
    ...(resourceTypes.length === 0 ? [] : [`  = permits for this action are on ${list(resourceTypes)}`]),
    ...(principalTypes.length === 0 ? [] : [`  = permits for this action are by ${list(principalTypes)}`]),
  ].join('\n')
}

function errorPart({ id, message, place }: ErringPolicy, { sources, color = false }: FormatExplanationOptions): string {
  const source = sources?.get(place.file)
  const mark: Mark = { start: place.start, end: place.end, label: '', style: 'warning' }
  const head = `${placeText(place)}: could not be decided: ${code(id)}: ${visible(message)}`
  return [head, ...(source === undefined ? [] : formatFrame(source, [mark], { color }))].join('\n')
}

function docLine({ doc }: ExplainedPolicy): string[] {
  return doc === undefined || doc === '' ? [] : [`  = ${visible(doc)}`]
}

function moreOf(count: number, what: string): string[] {
  return count === 0 ? [] : [`and ${count} ${what}`]
}

/** Seconds beyond what a date can hold are said as they are. */
function timeText(seconds: number): string {
  const milliseconds = seconds * 1000
  return Math.abs(milliseconds) <= 8.64e15 ? new Date(milliseconds).toISOString() : `${seconds} s`
}

function code(text: string): string {
  return codeText(text, {})
}
