// What a policy's `@advice` says would change a deny. Several pieces are separated by `;`:
//
//   @advice("step_up:acr=mfa,max_age=300")      a sign-in with one of these `acr` values, not older than 300 s
//   @advice("step_up:acr=hwk+mfa")              several values, the preferred one first
//   @advice("request_grant")                    on a template: a grant of it
//   @advice("request_grant:template=viewer")    on another policy: a grant of that template
//   @advice("network")                          any other word is a remedy by that name, for people to read
//
// Advice never decides: it is offered only where the policies, asked again as if it had been followed, would allow.

import type { Problem } from '../problem.ts'
import type { Policy } from '../syntax/tree.ts'

/** What would change a deny. */
export type Remedy =
  | StepUpRemedy
  /** A grant of the template to the principal, on the resource. */
  | { readonly kind: 'request-grant'; readonly template: string }
  /** A name that the policy's author chose, for people to read: `network`. */
  | { readonly kind: 'advice'; readonly name: string }

/** A stronger or fresher sign-in. */
export interface StepUpRemedy {
  readonly kind: 'step-up'
  /** In order of preference. Empty: the same sign-in again. */
  readonly acrValues: readonly string[]
  readonly maxAgeSeconds?: number
}

const NAME = /^[a-z][a-z0-9_-]{0,63}$/
/** What may stand in a challenge without being misread, and an author would ever write. */
const ACR = /^[A-Za-z0-9:/._~-]{1,128}$/
const SECONDS = /^(?:0|[1-9]\d{0,8})$/

/** What all policies advise. */
export interface Advice {
  /** By policy id, in the order of the text. */
  readonly remedies: ReadonlyMap<string, readonly Remedy[]>
  /** `ERR_POLICY_ANNOTATION`: advice that means nothing, or a grant of what cannot be granted. */
  readonly problems: readonly Problem[]
}

/** Reads the advice of policies. */
export function readAdvice(policies: readonly Policy[]): Advice {
  const remedies = new Map<string, readonly Remedy[]>()
  const problems: Problem[] = []
  const report = (policy: Policy, message: string, hint: string): void => {
    problems.push({ severity: 'error', code: 'ERR_POLICY_ANNOTATION', message, hint, span: policy.span })
  }
  let grantable: ReadonlySet<string> | undefined
  for (const policy of policies) {
    const text = policy.annotations.get('advice')
    if (text === undefined) continue
    const read = parseAdvice(text, policy.slots.length > 0 ? policy.id : undefined)
    if (read === undefined) {
      report(policy, `the advice of policy \`${policy.id}\` means nothing`, FORMS)
      continue
    }
    remedies.set(policy.id, read)
    for (const remedy of read) {
      if (remedy.kind !== 'request-grant') continue
      grantable ??= new Set(policies.filter(isGrantable).map(({ id }) => id))
      if (grantable.has(remedy.template)) continue
      const message = `the advice of policy \`${policy.id}\` asks for a grant of \`${remedy.template}\`, which cannot be granted`
      report(policy, message, 'name a `permit` template, by its `@id`')
    }
  }
  return { remedies, problems }
}

const FORMS =
  'write `@advice("step_up:acr=mfa,max_age=300")`, `@advice("request_grant:template=viewer")`, or a lower-case word like `@advice("network")`'

function isGrantable({ effect, slots }: Policy): boolean {
  return effect === 'permit' && slots.length > 0
}

/**
 * The remedies that the value of an `@advice` names. `template` is the policy that it stands on, if that is one: what
 * `request_grant` means there. `undefined` when any piece of it means nothing.
 */
export function parseAdvice(text: string, template?: string): readonly Remedy[] | undefined {
  const remedies: Remedy[] = []
  for (const piece of text.split(';')) {
    const remedy = parsePiece(piece.trim(), template)
    if (remedy === undefined) return undefined
    remedies.push(remedy)
  }
  return remedies
}

/** The piece of advice that means the remedy: `step_up:acr=mfa`, `request_grant:template=viewer`, `network`. */
export function formatRemedy(remedy: Remedy): string {
  switch (remedy.kind) {
    case 'step-up': {
      const { acrValues, maxAgeSeconds } = remedy
      const acr = acrValues.length === 0 ? [] : [`acr=${acrValues.join('+')}`]
      return `step_up:${[...acr, ...(maxAgeSeconds === undefined ? [] : [`max_age=${maxAgeSeconds}`])].join(',')}`
    }
    case 'request-grant':
      return `request_grant:template=${remedy.template}`
    case 'advice':
      return remedy.name
    default:
      return remedy satisfies never
  }
}

function parsePiece(piece: string, template: string | undefined): Remedy | undefined {
  const colon = piece.indexOf(':')
  const name = colon === -1 ? piece : piece.slice(0, colon)
  if (name === 'step_up') return parseStepUp(piece.slice(colon + 1))
  if (name === 'request_grant') return parseRequest(colon === -1 ? '' : piece.slice(colon + 1), template)
  return colon === -1 && NAME.test(name) ? { kind: 'advice', name } : undefined
}

function parseStepUp(parameters: string): Remedy | undefined {
  let acrValues: readonly string[] = []
  let maxAgeSeconds: number | undefined
  for (const parameter of parameters.split(',')) {
    const [key, value = '', ...rest] = parameter.trim().split('=')
    if (rest.length > 0) return undefined
    if (key === 'acr' && acrValues.length === 0 && value.split('+').every((acr) => ACR.test(acr))) {
      acrValues = value.split('+')
    } else if (key === 'max_age' && maxAgeSeconds === undefined && SECONDS.test(value)) {
      maxAgeSeconds = Number(value)
    } else return undefined
  }
  return { kind: 'step-up', acrValues, ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }) }
}

/** An id may hold anything but the `;` that ends a piece. */
function parseRequest(parameter: string, own: string | undefined): Remedy | undefined {
  if (parameter === '') return own === undefined ? undefined : { kind: 'request-grant', template: own }
  const template = /^template=(.+)$/.exec(parameter)?.[1]
  return template === undefined ? undefined : { kind: 'request-grant', template }
}
