// Annotations by the one table of those that have an effect (`ANNOTATIONS` of @cardea/policy). What is misspelt, stands where nothing reads
// it or has a value that means nothing would be a rule that is silently not applied.

import { nearMiss, type Policy, type Problem } from '@cardea/policy'
import { ANNOTATION_NAMES, annotationRule, readAdvice } from '@cardea/policy/annotation'
import { problemOf } from '../errors.ts'
import { annotationsIn, type FoundAnnotation } from './annotations-in.ts'
import type { Source } from './source.ts'

/** What is wrong with the annotations of a schema and of policies. An annotation that is like none of ours is nobody's business. */
export function checkAnnotations(
  schema: Source,
  sources: readonly Source[],
  policies: readonly Policy[],
): readonly Problem[] {
  const ofPolicies = sources.flatMap(annotationsIn)
  return [
    ...annotationsIn(schema).flatMap((found) => checkPlace(found) ?? checkValue(found)),
    ...ofPolicies.flatMap((found) => checkPlace(found) ?? []),
    ...adviceProblems(policies, ofPolicies),
  ]
}

/** A name that is almost one of ours, or ours in a place where it says nothing; `undefined` where it has its effect. */
function checkPlace({ name, on, span }: FoundAnnotation): Problem | undefined {
  const rule = annotationRule(name)
  if (rule === undefined) {
    const meant = nearMiss(name, ANNOTATION_NAMES)
    return meant === undefined
      ? undefined
      : warning('NAME', `\`@${name}\` has no effect`, `did you mean \`@${meant}\`?`, span)
  }
  if (rule.on.includes(on)) return undefined
  return warning(
    'PLACE',
    `\`@${name}\` has no effect on ${article(on)}`,
    `it stands on ${rule.on.map(article).join(' or ')}`,
    span,
  )
}

function checkValue({ name, value, span }: FoundAnnotation): Problem[] {
  const rule = annotationRule(name)
  if (rule === undefined || rule.accepts(value)) return []
  const message = `the annotation \`@${name}\` has a value that means nothing`
  return [
    problemOf('ERR_VALIDATE_SCHEMA_ANNOTATION', message, { span, hint: `write \`${rule.example}\`: ${rule.value}` }),
  ]
}

/** What advice means depends on its policy; it is shown where the annotation stands. */
function adviceProblems(policies: readonly Policy[], found: readonly FoundAnnotation[]): Problem[] {
  return readAdvice(policies).problems.map((problem) => {
    const advice = found.find(
      ({ name, span }) =>
        name === 'advice' &&
        span.file === problem.span?.file &&
        span.start >= problem.span.start &&
        span.end <= problem.span.end,
    )
    return advice === undefined ? problem : { ...problem, span: advice.span }
  })
}

function warning(kind: 'NAME' | 'PLACE', message: string, hint: string, span: Problem['span'] & {}): Problem {
  return problemOf(`ERR_VALIDATE_ANNOTATION_${kind}`, message, { severity: 'warning', hint, span })
}

function article(place: FoundAnnotation['on']): string {
  return `${/^[aeiou]/.test(place) ? 'an' : 'a'} ${place}`
}
