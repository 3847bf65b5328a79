// The `attrs` claim: the planned attributes and no others. What a restrictive condition reads is always there: `null` says
// "the principal has none", while a missing member says "somebody took it away" and is refused.
// INVARIANT: reading what was packed gives the planned part of the principal, and nothing that the plan does not name.

import { type AttributeDefinition, type RecordValue, recordValue, type Value } from '@cardea/policy'
import { ClaimsError } from '../errors.ts'
import type { PlannedAttribute } from '../plan/plan.ts'
import { claimOfValue, isObject, ownField, valueOfClaim } from './claim-value.ts'

type Definitions = { readonly [name: string]: AttributeDefinition }

/** Throws `ERR_CLAIMS_ATTRIBUTE`, `ERR_CLAIMS_ATTRIBUTE_MISSING`. */
export function packAttributes(
  attributes: ReadonlyMap<string, Value>,
  planned: readonly PlannedAttribute[],
  definitions: Definitions,
): { readonly [name: string]: unknown } {
  return packFields(attributes, selectionOf(planned), definitions)
}

/** Throws `ERR_CLAIMS_ATTRIBUTE`, `ERR_CLAIMS_ATTRIBUTE_MISSING`. */
export function readAttributes(
  claim: unknown,
  planned: readonly PlannedAttribute[],
  definitions: Definitions,
): ReadonlyMap<string, Value> {
  return readFields(claim, selectionOf(planned), definitions)
}

/** Which fields of a record go into the token. */
type Selection = Map<string, Selected>

interface Selected {
  /** Something on or below this field is restrictive. */
  restrictive: boolean
  /** The whole value, not only some fields of it. */
  whole: boolean
  readonly fields: Selection
}

function selectionOf(planned: readonly PlannedAttribute[]): Selection {
  const selection: Selection = new Map()
  for (const { path, restrictive } of planned) {
    let level = selection
    for (const [index, name] of path.entries()) {
      const selected = level.get(name) ?? { restrictive: false, whole: false, fields: new Map() }
      level.set(name, selected)
      selected.restrictive ||= restrictive
      selected.whole ||= index === path.length - 1
      level = selected.fields
    }
  }
  return selection
}

function packFields(
  values: ReadonlyMap<string, Value>,
  selection: Selection,
  definitions: Definitions,
): { readonly [name: string]: unknown } {
  const packed: [string, unknown][] = []
  for (const [name, selected] of selection) {
    const definition = definitionOf(definitions, name)
    const value = values.get(name)
    if (value !== undefined) {
      packed.push([name, packValue(value, selected, definition)])
      continue
    }
    if (definition.optional !== true) throw missing(name)
    if (selected.restrictive) packed.push([name, null])
  }
  return Object.fromEntries(packed)
}

function packValue(value: Value, selected: Selected, definition: AttributeDefinition): unknown {
  if (selected.whole || definition.type !== 'Record') return claimOfValue(value, definition)
  if (typeof value !== 'object' || value.kind !== 'record') throw mismatch()
  return packFields(value.fields, selected.fields, definition.attributes)
}

function readFields(claim: unknown, selection: Selection, definitions: Definitions): ReadonlyMap<string, Value> {
  if (!isObject(claim)) throw mismatch()
  for (const name of Object.keys(claim)) {
    if (!selection.has(name)) throw new ClaimsError('ERR_CLAIMS_ATTRIBUTE', 'an attribute is not in the plan')
  }
  const values = new Map<string, Value>()
  for (const [name, selected] of selection) {
    const definition = definitionOf(definitions, name)
    const member = ownField(claim, name)
    if (member === undefined) {
      if (selected.restrictive) throw missing(name)
    } else if (member === null) {
      if (definition.optional !== true) throw missing(name)
    } else {
      values.set(name, readValue(member, selected, definition))
    }
  }
  return values
}

function readValue(member: unknown, selected: Selected, definition: AttributeDefinition): Value | RecordValue {
  if (selected.whole || definition.type !== 'Record') return valueOfClaim(member, definition)
  return recordValue(readFields(member, selected.fields, definition.attributes))
}

function definitionOf(definitions: Definitions, name: string): AttributeDefinition {
  const definition = ownField(definitions, name)
  if (definition === undefined) {
    const message = `the plan names \`${name}\`, which the schema does not have`
    throw new ClaimsError('ERR_CLAIMS_ATTRIBUTE', message, { member: name })
  }
  return definition
}

function missing(name: string): ClaimsError {
  return new ClaimsError('ERR_CLAIMS_ATTRIBUTE_MISSING', `attribute \`${name}\` is missing`, { member: name })
}

function mismatch(): ClaimsError {
  return new ClaimsError('ERR_CLAIMS_ATTRIBUTE', 'attributes must be an object')
}
