// Which remedy a deny may carry: what the policies behind it advise, and of that only what would help. Whether it would is found by
// asking again as if it had been followed.
// INVARIANT: what is asked as if is never an answer to anybody; only the remedy is taken from it.

import { formatRemedy } from '../annotation/advice.ts'
import type { Remedy, StepUpRemedy } from '../annotation/advice.ts'
import { createLinks } from '../compile/links.ts'
import type { TemplateLink } from '../compile/links.ts'
import type { Program } from '../compile/program.ts'
import type { Decision } from '../decide/decision.ts'
import { beginEvaluation } from '../decide/request.ts'
import type { Request } from '../decide/request.ts'
import type { DatetimeValue, Value } from '../value/value.ts'
import { permitsFor } from './candidates.ts'

/** The id of a link that nobody has. */
const AS_IF = 'as if granted'

/** Remedies that are tried of many: each costs a decision. */
const MOST_REMEDIES = 16

/**
 * What the policies advise that denied; when nothing permitted, those that might have. Each once, and of very many the first. `advice` is
 * that of the program's policies (`readAdvice`). Cost: the policies and links, and nothing when none of them advises.
 */
export function adviceFor(
  program: Program,
  request: Request,
  decision: Decision,
  advice: ReadonlyMap<string, readonly Remedy[]>,
): readonly Remedy[] {
  if (advice.size === 0) return []
  const remedies = new Map<string, Remedy>()
  for (const id of advisersOf(program, request, decision)) {
    for (const remedy of advice.get(id) ?? []) remedies.set(formatRemedy(remedy), remedy)
  }
  return [...remedies.values()].slice(0, MOST_REMEDIES)
}

/** The ids of the policies whose advice counts; of a link, its template's. */
function advisersOf(program: Program, request: Request, { reason, determining }: Decision): readonly string[] {
  if (reason === 'no-permit') {
    return permitsFor({ program, request, evaluation: beginEvaluation(program, request) }).map(({ id }) => id)
  }
  const links = [...program.links.all, ...(request.links?.all ?? [])]
  const templates = new Map(links.map(({ id, template }) => [id, template]))
  return determining.map((id) => templates.get(id) ?? id)
}

/** The first that helps; failing that, the first that only people can judge. `helps` is asked of the others. */
export function chooseRemedy(remedies: readonly Remedy[], helps: (remedy: Remedy) => boolean): Remedy | undefined {
  return (
    remedies.find((remedy) => remedy.kind !== 'advice' && helps(remedy)) ??
    remedies.find(({ kind }) => kind === 'advice')
  )
}

/**
 * The request as it would be with the remedy followed: signed in anew at `nowSeconds`, or with one more grant on this very resource. For
 * `decide`, to see whether the remedy helps. `undefined` for what nobody but a person can follow.
 */
export function followRemedy(program: Program, request: Request, remedy: Remedy): Request | undefined {
  switch (remedy.kind) {
    case 'step-up': {
      const { nowSeconds } = request
      return { ...request, context: new Map([...request.context, ...signInFacts(remedy, nowSeconds)]) }
    }
    case 'request-grant': {
      const template = program.policies.find(({ id }) => id === remedy.template)
      if (template?.effect !== 'permit') return undefined
      const link: TemplateLink = {
        id: AS_IF,
        template: template.id,
        ...(template.slots.includes('principal') ? { principal: request.principal } : {}),
        ...(template.slots.includes('resource') ? { resource: request.resource } : {}),
      }
      return { ...request, links: createLinks([...(request.links?.all ?? []), link]) }
    }
    case 'advice':
      return undefined
    default:
      return remedy satisfies never
  }
}

/** What a sign-in as the remedy asks for would make of the context. Without a time it says nothing of when it was. */
export function signInFacts(
  { acrValues: [acr] }: StepUpRemedy,
  nowSeconds: number | undefined,
): ReadonlyMap<'acr' | 'authTime', Value> {
  const facts = new Map<'acr' | 'authTime', Value>()
  if (acr !== undefined) facts.set('acr', acr)
  if (nowSeconds !== undefined) facts.set('authTime', instant(nowSeconds))
  return facts
}

function instant(seconds: number): DatetimeValue {
  return { kind: 'datetime', milliseconds: BigInt(Math.floor(seconds * 1000)) }
}
