// What fills a slot of a template, as a term that nothing is known of but that it is an entity.

import type { Expression, Slot } from '@cardea/policy'

/** Read from the context under names that no schema gives, so that every walk over expressions takes them for some value. */
const NAMES: { readonly [S in Slot]: string } = { principal: '\u0000?principal', resource: '\u0000?resource' }

const NOWHERE = { file: '', start: 0, end: 0 }

export function slotTerm(slot: Slot): Expression {
  return {
    kind: 'attribute',
    of: { kind: 'variable', name: 'context', span: NOWHERE },
    name: NAMES[slot],
    span: NOWHERE,
  }
}

export function isSlotTerm(node: Expression): boolean {
  return (
    node.kind === 'attribute' &&
    node.of.kind === 'variable' &&
    node.of.name === 'context' &&
    (node.name === NAMES.principal || node.name === NAMES.resource)
  )
}
