// All policy files of a set, parsed by our own parser: its problems are better than Cedar's, and there are all of them.

import { parsePolicies, type Policy, type Problem, type Span } from '@cardea/policy'
import { problemOf } from '../errors.ts'
import type { PolicyText, Source } from './source.ts'

export interface ParsedSources {
  readonly policies: readonly Policy[]
  /** The same policies as slices of their texts. */
  readonly texts: readonly PolicyText[]
  readonly problems: readonly Problem[]
}

/** Parses every file and compares ids across files. A policy without `@id` is `policyN` of the whole set. */
export function parseSources(sources: readonly Source[]): ParsedSources {
  const policies: Policy[] = []
  const texts: PolicyText[] = []
  const problems: Problem[] = [...duplicateFiles(sources)]
  for (const { file, text } of sources) {
    const parsed = parsePolicies(text, { file, firstPosition: policies.length })
    problems.push(...parsed.problems)
    for (const policy of parsed.policies) {
      policies.push(policy)
      texts.push(slice(policy, text))
    }
  }
  return { policies, texts, problems: [...problems, ...duplicateIds(texts), ...missingIds(texts)] }
}

function slice(policy: Policy, text: string): PolicyText {
  const { id, slots, span } = policy
  const { file, start, end } = span
  return { policy, id, isTemplate: slots.length > 0, file, text: text.slice(start, end), offset: start }
}

function duplicateFiles(sources: readonly Source[]): readonly Problem[] {
  const seen = new Set<string>()
  return sources.flatMap(({ file }) => {
    if (!seen.has(file)) return (seen.add(file), [])
    const span = { file, start: 0, end: 0 }
    return [problemOf('ERR_VALIDATE_FILE_DUPLICATE', `two sources have the file name \`${file}\``, { span })]
  })
}

/** Duplicates within a file are the parser's to report. */
function duplicateIds(policies: readonly PolicyText[]): readonly Problem[] {
  const first = new Map<string, PolicyText>()
  return policies.flatMap((policy) => {
    const other = first.get(policy.id)
    if (other === undefined || other.file === policy.file) {
      first.set(policy.id, policy)
      return []
    }
    return [
      problemOf('ERR_VALIDATE_ID_DUPLICATE', `the id \`${policy.id}\` is also in \`${other.file}\``, {
        span: headOf(policy),
        labels: [{ span: headOf(other), message: 'it is taken here' }],
        hint: 'every `@id` of a policy set is unique',
      }),
    ]
  })
}

/** A grant names its template by id, so a template that is named by its position would change meaning with the order of policies. */
function missingIds(policies: readonly PolicyText[]): readonly Problem[] {
  return policies
    .filter(({ policy }) => (policy.annotations.get('id') ?? '') === '')
    .map((text) => {
      const { id, isTemplate, policy } = text
      return problemOf('ERR_VALIDATE_ID_MISSING', `${isTemplate ? 'a template' : 'a policy'} has no \`@id\``, {
        severity: isTemplate ? 'error' : 'warning',
        span: { ...policy.span, end: policy.resource.span.end },
        hint: `name it, or decisions and logs call it \`${id}\`: \`@id("...")\``,
      })
    })
}

/** Where the id is written; the first word of the policy when it has none. */
function headOf({ policy: { span, principal }, text }: PolicyText): Span {
  const head = text.slice(0, principal.span.start - span.start)
  const { 0: found, index } = ID.exec(head) ?? { 0: head.split(/\s|\(/, 1)[0] ?? '', index: 0 }
  return { ...span, start: span.start + index, end: span.start + index + found.length }
}

const ID = /@id\s*\(\s*"(?:[^"\\]|\\.)*"\s*\)/
