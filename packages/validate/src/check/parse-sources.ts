// All policy files of a set, parsed by our own parser: its problems are better than Cedar's, and there are all of them.

import { parsePolicies, type Policy, type Problem } from '@cardea/policy'
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
  return { policies, texts, problems: [...problems, ...duplicateIds(policies), ...missingIds(policies)] }
}

function slice({ id, slots, span: { file, start, end } }: Policy, text: string): PolicyText {
  return { id, isTemplate: slots.length > 0, file, text: text.slice(start, end), offset: start }
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
function duplicateIds(policies: readonly Policy[]): readonly Problem[] {
  const files = new Map<string, string>()
  return policies.flatMap(({ id, span }) => {
    const other = files.get(id)
    if (other === undefined || other === span.file) {
      files.set(id, span.file)
      return []
    }
    return [
      problemOf('ERR_VALIDATE_ID_DUPLICATE', `the id \`${id}\` is also in \`${other}\``, {
        span,
        hint: 'every `@id` of a policy set is unique',
      }),
    ]
  })
}

/** A grant names its template by id, so a template that is named by its position would change meaning with the order of policies. */
function missingIds(policies: readonly Policy[]): readonly Problem[] {
  return policies
    .filter(({ annotations }) => (annotations.get('id') ?? '') === '')
    .map(({ id, slots, span }) => {
      const isTemplate = slots.length > 0
      return problemOf('ERR_VALIDATE_ID_MISSING', `${isTemplate ? 'a template' : 'a policy'} has no \`@id\``, {
        severity: isTemplate ? 'error' : 'warning',
        span,
        hint: `name it, or decisions and logs call it \`${id}\`: \`@id("...")\``,
      })
    })
}
