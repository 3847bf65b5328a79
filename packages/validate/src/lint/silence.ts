// `@lint("allow covered: the forbid goes in May")` on a policy: a finding that is meant to be so. It always says why, and it is itself a
// finding where it silences nothing, so that none stays behind.

import type { Policy } from '@cardea/policy'
import type { Check, Finding } from './check/check.ts'

/** Names of checks with the reasons to be silent, and what is wrong with the annotation. */
export interface Silence {
  readonly names: ReadonlySet<string>
  readonly findings: readonly Finding[]
}

/** Reads the annotation of a policy. Several of them are separated by `;`. */
export function silenceOf(policy: Policy, checks: readonly Check[]): Silence {
  const text = policy.annotations.get('lint')
  if (text === undefined) return NOTHING
  const names = new Set<string>()
  const findings: Finding[] = []
  const known = checks.map(({ name }) => name)
  for (const part of text.split(';')) {
    const [, name, reason] = /^\s*allow\s+([a-z-]+)\s*(?::\s*(\S.*))?$/s.exec(part) ?? []
    if (name === undefined || reason === undefined) {
      findings.push(wrong(policy, 'an annotation `@lint` names a check and says why it is silent'))
    } else if (!known.includes(name)) {
      findings.push(wrong(policy, `there is no check \`${name}\``, `the checks are ${known.join(', ')}`))
    } else names.add(name)
  }
  return { names, findings }
}

/** The finding that a silence is not needed. */
export function unusedSilence(policy: Policy, name: string): Finding {
  return wrong(policy, `\`@lint\` silences \`${name}\`, which finds nothing here`, 'remove it')
}

const NOTHING: Silence = { names: new Set(), findings: [] }

function wrong(policy: Policy, message: string, hint = 'write `@lint("allow covered: why it is right so")`'): Finding {
  return { policy, message, hint, span: policy.span }
}
