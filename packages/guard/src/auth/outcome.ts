// What comes of a question, however it was asked: it is recorded, and a deny becomes an error that shows nothing.

import { formatEntityUid } from '@cardea/policy'
import { formatRemedy } from '@cardea/policy/annotation'
import type { ActionRule } from '../edition/action-rule.ts'
import type { DeniedError } from '../errors.ts'
import { record, type RecordFacts, refuse, type RefusalFacts } from '../kernel.ts'
import { explain } from './explain.ts'
import type { Denial } from './judge.ts'
import { kindsOf } from './mismatch.ts'
import type { RequestParts, Resource } from './request-parts.ts'
import type { Lapse, Standing } from './standing.ts'

/** A deny with the error that answers it. */
export type Refused = Denial & { readonly error: DeniedError }

/** What a record says besides the outcome. */
export interface Where {
  readonly rule: ActionRule
  readonly checkpoint: RecordFacts['checkpoint']
  readonly standing: Standing
  readonly resource?: Resource
}

type Outcome = Pick<RecordFacts, 'decision' | 'reason' | 'policies' | 'remedy' | 'code' | 'decider'>

/** False: an allow must not be given, as its record cannot be kept. Never throws. */
export function recordOutcome(
  { kernel, caller, correlation, facts: { mismatches } }: RequestParts,
  { decision, reason, policies, remedy, code, decider }: Outcome,
  { rule: { name }, checkpoint, standing: { breakGlass }, resource: one }: Where,
  resource: string | undefined = textOf(one),
): boolean {
  const outcome = { decision, reason, policies, checkpoint, correlation, action: name }
  return record(
    kernel,
    {
      ...outcome,
      ...(resource === undefined ? {} : { resource }),
      ...(remedy === undefined ? {} : { remedy }),
      ...(code === undefined ? {} : { code }),
      ...(decider === undefined ? {} : { decider }),
      ...(breakGlass === undefined ? {} : { breakGlass: breakGlass.jti }),
      ...(mismatches.length === 0 ? {} : { mismatches: kindsOf(mismatches) }),
    },
    caller,
  )
}

/** Records the deny. Throws what was asked wrongly. */
export function deny(parts: RequestParts, denial: Denial, where: Where): Refused {
  const { kernel, caller, correlation } = parts
  recordOutcome(parts, denial, where)
  if (denial.reason === 'decider_failed') warn(parts, denial, where)
  if (denial.problems !== undefined) complain(parts, denial.problems)
  const explanation = kernel.setting.development ? explain(caller.edition, denial) : undefined
  const error = refuse(kernel, { ...denial, correlation, explanation, ...told(denial) })
  if (denial.misuse === undefined) return { ...denial, error }
  // whoever catches it has still been denied
  parts.ledger.deny(error)
  throw denial.misuse
}

/** Records that the caller does not stand. */
export function refuseLapse(parts: RequestParts, lapse: Lapse, where: Where): DeniedError {
  const { kernel, correlation } = parts
  recordOutcome(parts, { ...lapse, decision: 'deny', policies: [] }, where)
  return refuse(kernel, { ...lapse, correlation, ...told(lapse) })
}

/** The same where there is no value to answer with: whoever catches it has still been denied. */
export function throwLapse(parts: RequestParts, lapse: Lapse, where: Where): never {
  const error = refuseLapse(parts, lapse, where)
  parts.ledger.deny(error)
  throw error
}

/** Loud, as it is a mistake in the service or its data. */
export function complain({ kernel, correlation }: RequestParts, problems: NonNullable<Denial['problems']>): void {
  const messages = problems.map(({ message }) => message)
  kernel.setting.log.error('a loaded entity does not fit the schema', { correlation, problems: messages })
}

/** What an answer may say of the remedy: nothing, where nothing may be known. */
export function told({ answer, remedy }: Pick<Denial, 'answer' | 'remedy'>): Pick<RefusalFacts, 'stepUp' | 'advice'> {
  if (remedy === undefined || answer === 'not_found') return {}
  if (remedy.kind !== 'step-up') return { advice: formatRemedy(remedy) }
  return answer === 'step_up' ? { stepUp: remedy } : {}
}

/** An operator must see it, as what it answers looks to callers like any other deny. */
function warn({ kernel, correlation }: RequestParts, { code = '', misuse }: Denial, { rule: { name } }: Where): void {
  const hint = misuse?.hint ?? 'is it running and reachable from here? the code says what failed'
  const message = misuse?.message ?? `denied because the decider of action \`${name}\` gave no answer that can be used`
  kernel.operator.warn(`decider ${name} ${code}`, message, { action: name, code, hint, correlation })
}

function textOf(resource: Resource): string | undefined {
  return resource === undefined ? undefined : formatEntityUid(resource.entity.uid)
}
