// `@cardea/policy/annotation`: which annotations have an effect, and what `@advice` means. Apart from the engine, which reads none.

export { formatRemedy, parseAdvice, readAdvice } from './advice.ts'
export type { Advice, Remedy, StepUpRemedy } from './advice.ts'
export { ANNOTATION_NAMES, annotationOf, annotationRule, ANNOTATIONS, MISMATCH_MODES } from './annotations.ts'
export type { AnnotationName, AnnotationPlace, AnnotationRule, MismatchMode } from './annotations.ts'
export { maxStaleSecondsOf, mismatchRuleOf, strictestMode } from './action-annotations.ts'
export type { MismatchKind, MismatchRule } from './action-annotations.ts'
