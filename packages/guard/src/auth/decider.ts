// Who decides of chosen actions beside the policies, or in their place. INVARIANT: whatever a decider does but answer an allow in the form
// of a decision - it throws, rejects, answers nonsense or too late - is a deny; and an answer that comes later is never taken for one that is here.

import type { Decider, Decision, GeneratedSchema, PolicyFault, Request } from '@cardea/policy'
import type { Schedule } from '../clock.ts'
import { GUARD_ERRORS, GuardError, type GuardErrorCode } from '../errors.ts'
import type { ActionDecider, DeciderMode, GuardOptions } from '../options.ts'

/** A decider of one action. */
export interface Appointed {
  readonly decider: Decider
  readonly mode: DeciderMode
  /** It was seen to answer with a promise: then nothing that must answer at once asks it again. */
  answersLater: boolean
}

/** By the action's name. `undefined`, and not an empty map, where there is none. */
export type Deciders = ReadonlyMap<string, Appointed>

/** Throws `ERR_GUARD_OPTIONS`: a setting that means nothing would be one that is silently not applied. */
export function createDeciders({
  deciders,
  schema,
}: {
  readonly deciders?: GuardOptions['deciders']
  readonly schema: GeneratedSchema
}): Deciders | undefined {
  const entries = Object.entries(deciders ?? {}).flatMap(([action, given]): [string, Appointed][] => {
    if (given === undefined) return []
    if (!Object.hasOwn(schema.actions, action)) throw wrong(action, 'which the schema does not have')
    if (!isActionDecider(given)) throw wrong(action, 'with something that is no decider and mode')
    return [[action, { decider: given.decider, mode: given.mode, answersLater: false }]]
  })
  return entries.length === 0 ? undefined : new Map(entries)
}

/** The answer, or `later`: then it is not known, and whoever must know at once denies. Never throws. */
export function askNow(appointed: Appointed, request: Request): Decision | 'later' {
  if (appointed.answersLater) return 'later'
  let answer: unknown
  try {
    answer = appointed.decider.decide(request)
  } catch (error) {
    return failed(codeOf(error))
  }
  if (!isThenable(answer)) return checkDecision(answer)
  appointed.answersLater = true
  // nobody waits for it any more
  Promise.resolve(answer).catch(() => undefined)
  return 'later'
}

/** The answer, whenever it comes within ten seconds. Never rejects. */
export async function askLater({ decider }: Appointed, request: Request, schedule: Schedule): Promise<Decision> {
  const late = Promise.withResolvers<Decision>()
  const cancel = schedule(LONGEST_MILLISECONDS, () => late.resolve(failed('ERR_GUARD_DECIDER')))
  try {
    return await Promise.race([answerOf(decider, request), late.promise])
  } catch (error) {
    return failed(codeOf(error))
  } finally {
    cancel()
  }
}

/** A decider has a time limit of its own; this one is for those that have none. */
const LONGEST_MILLISECONDS = 10_000

/** What to throw where an answer was needed at once. */
export function answersLater(action: string): GuardError {
  return new GuardError('ERR_GUARD_DECIDER_LATER', `the decider of action \`${action}\` answers later`, {
    hint: '`await auth.ask(...)` in the place of `authorize`, `askEach` of `authorizeEach`, `askDecision` of `decide` and `can`',
  })
}

/** The same where a filter was asked for. */
export function noFilter(action: string): GuardError {
  return new GuardError(
    'ERR_GUARD_DECIDER_FILTER',
    `what the decider of action \`${action}\` says cannot be a filter`,
    {
      hint: 'load a bounded list and ask for each row with `await auth.askDecision(...)`, or write the rule of the action in Cedar',
    },
  )
}

/** A deny for want of an answer. */
export function failed(code: string): Decision {
  const message = isOwnCode(code) ? GUARD_ERRORS[code] : GUARD_ERRORS.ERR_GUARD_DECIDER
  const errors = [{ policy: '', code, message, span: { file: '', start: 0, end: 0 } }]
  return { decision: 'deny', reason: 'forbid-error', determining: [], errors }
}

async function answerOf(decider: Decider, request: Request): Promise<Decision> {
  return checkDecision(await decider.decide(request))
}

/** Read once into a decision of our own, so that what was checked is what counts. */
function checkDecision(answer: unknown): Decision {
  try {
    return readDecision(answer) ?? failed('ERR_GUARD_DECIDER')
  } catch {
    return failed('ERR_GUARD_DECIDER')
  }
}

function readDecision(answer: unknown): Decision | undefined {
  if (!isObject(answer)) return undefined
  const { decision, reason, determining, errors } = answer
  if (!isTexts(determining) || !Array.isArray(errors) || !errors.every(isFault)) return undefined
  const parts = { determining: [...determining], errors: [...errors] }
  if (decision === 'allow') return reason === 'permit' ? { decision, reason, ...parts } : undefined
  return decision === 'deny' && isDenial(reason) ? { decision, reason, ...parts } : undefined
}

function isActionDecider(given: unknown): given is ActionDecider {
  if (!isObject(given)) return false
  const { decider, mode } = given
  return isObject(decider) && typeof decider['decide'] === 'function' && (mode === 'alone' || mode === 'together')
}

function isThenable(answer: unknown): answer is PromiseLike<unknown> {
  return isObject(answer) && typeof answer['then'] === 'function'
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function isFault(value: unknown): value is PolicyFault {
  return isObject(value) && typeof value['policy'] === 'string' && typeof value['code'] === 'string'
}

function isDenial(reason: unknown): reason is Exclude<Decision['reason'], 'permit'> {
  return reason === 'forbid' || reason === 'forbid-error' || reason === 'no-permit'
}

/** Of what was thrown only a code in the usual form is kept: a message could hold anything. */
function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  return typeof code === 'string' && CODE.test(code) ? code : 'ERR_GUARD_DECIDER'
}

const CODE = /^[A-Z][A-Z0-9_]{0,63}$/

function isOwnCode(code: string): code is GuardErrorCode {
  return Object.hasOwn(GUARD_ERRORS, code)
}

function wrong(action: string, what: string): GuardError {
  return new GuardError('ERR_GUARD_OPTIONS', `\`deciders\` names \`${action}\`, ${what}`, {
    hint: '`{ decider, mode }` with the mode `alone` or `together`, for actions by their names in the schema',
  })
}
