// The one table of annotations that have an effect: nothing in Cardea reads one that is not in it. The documents and the checks
// follow it. Every other annotation is Cedar's: allowed, carried along and without effect.

import type { Annotations } from '../schema/definition.ts'
import { parseDuration } from '../value/duration.ts'
import { parseAdvice } from './advice.ts'

/** What an annotation can stand on. A field of a record counts as an attribute, and so does one of a context. */
export type AnnotationPlace = 'policy' | 'action' | 'entity type' | 'attribute' | 'common type' | 'namespace'

export interface AnnotationRule {
  readonly on: readonly AnnotationPlace[]
  /** As it is written. */
  readonly example: string
  /** What its value may be, in a few words. */
  readonly value: string
  /** What comes of it, in one sentence without a full stop. */
  readonly effect: string
  /** Which rooms act on it. */
  readonly readBy: string
  /** Whether the value means something. What depends on the policy that it stands on is checked where that is known. */
  readonly accepts: (value: string) => boolean
}

const isAnything = (): boolean => true
const isNothing = (value: string): boolean => value === ''

/** What becomes of a request that a token's binding does not fit; the strictest is also what holds without a word. */
export const MISMATCH_MODES = ['deny', 'step-up', 'log'] as const
export type MismatchMode = (typeof MISMATCH_MODES)[number]

export type AnnotationName =
  | 'id'
  | 'doc'
  | 'advice'
  | 'sensitive'
  | 'maxStale'
  | 'reveal'
  | 'addressMismatch'
  | 'certificateMismatch'
  | 'keyMismatch'
  | 'tenantMismatch'
  | 'loggable'
  | 'until'
  | 'lint'

export const ANNOTATIONS: { readonly [Name in AnnotationName]: AnnotationRule } = {
  id: {
    on: ['policy'],
    example: '@id("owner-edits")',
    value: 'a text that no other policy has',
    effect: 'names the policy in decisions, records and tests, and a template in grants; a template must have one',
    readBy: 'policy, validate',
    accepts: (value) => value !== '',
  },
  doc: {
    on: ['policy', 'action', 'entity type', 'attribute', 'common type', 'namespace'],
    example: '@doc("Read a document")',
    value: 'any text',
    effect: 'says what it is for; `explain` shows that of a policy',
    readBy: 'policy',
    accepts: isAnything,
  },
  advice: {
    on: ['policy'],
    example: '@advice("step_up:acr=mfa,max_age=300")',
    value:
      '`step_up:acr=A+B,max_age=SECONDS`, `request_grant` (on a template) or `request_grant:template=ID`, or a word; several are separated by `;`',
    effect: 'becomes the `remedy` of a deny, where following it would make it an allow',
    readBy: 'policy, guard',
    accepts: (value) => parseAdvice(value, 'any') !== undefined,
  },
  sensitive: {
    on: ['action'],
    example: '@sensitive',
    value: 'none',
    effect: 'the action accepts news that are at most 5 s old',
    readBy: 'guard',
    accepts: isNothing,
  },
  maxStale: {
    on: ['action'],
    example: '@maxStale("10s")',
    value: 'a length of time above zero, in the units of `duration`',
    effect: 'the action accepts news that are at most that old; instead of what `@sensitive` says',
    readBy: 'guard',
    accepts: (value) => (parseDuration(value)?.milliseconds ?? 0n) > 0n,
  },
  reveal: {
    on: ['action'],
    example: '@reveal',
    value: 'none',
    effect: 'who may do this to a resource may know that it exists: others get the answer for one that is missing',
    readBy: 'guard',
    accepts: isNothing,
  },
  addressMismatch: mismatchRule('addressMismatch', 'step-up', "from outside of its token's networks"),
  certificateMismatch: mismatchRule('certificateMismatch', 'log', "without the certificate of its token's `cnf`"),
  keyMismatch: mismatchRule('keyMismatch', 'log', 'whose token is bound to a key and comes without a proof'),
  tenantMismatch: mismatchRule('tenantMismatch', 'step-up', 'whose address names another tenant than its token'),
  loggable: {
    on: ['entity type', 'attribute'],
    example: '@loggable',
    value: 'none',
    effect:
      'an explanation may show the value of the attribute and of all that is in it, or the ids of entities of the type; without it, only kinds are shown',
    readBy: 'policy',
    accepts: isNothing,
  },
  until: {
    on: ['policy'],
    example: '@until',
    value: 'none',
    effect: 'on a template: every grant of it has an end; the authority makes no other, and gives none to a token',
    readBy: 'validate, authority',
    accepts: isNothing,
  },
  lint: {
    on: ['policy'],
    example: '@lint("allow covered: the forbid goes in May")',
    value: '`allow CHECK: REASON`; several are separated by `;`',
    effect: 'silences a warning of `check` about the policy, and says why',
    readBy: 'validate',
    accepts: (value) => value.split(';').every((part) => /^\s*allow\s+[a-z-]+\s*:\s*\S/.test(part)),
  },
}

/** The names, in the order of the table. */
export const ANNOTATION_NAMES: readonly string[] = Object.keys(ANNOTATIONS)

/** The rule of an annotation; `undefined` for one without effect. */
export function annotationRule(name: string): AnnotationRule | undefined {
  const rules: { readonly [name: string]: AnnotationRule } = ANNOTATIONS
  return Object.hasOwn(rules, name) ? rules[name] : undefined
}

/** The value of an annotation of a schema's action, type or attribute; `''` for one without a value. */
export function annotationOf(
  { annotations }: { readonly annotations?: Annotations },
  name: AnnotationName,
): string | undefined {
  return annotations !== undefined && Object.hasOwn(annotations, name) ? annotations[name] : undefined
}

/** The rule of one kind of binding. `example`: the value in the tables; `when`: what does not fit. */
function mismatchRule(name: string, example: MismatchMode, when: string): AnnotationRule {
  return {
    on: ['action'],
    example: `@${name}("${example}")`,
    value: '`deny`, `step-up` or `log`; without it `deny`',
    effect: `says what becomes of a request ${when}: refused, asked for a new sign-in, or only recorded`,
    readBy: 'guard',
    accepts: (value) => MISMATCH_MODES.some((mode) => mode === value),
  }
}
