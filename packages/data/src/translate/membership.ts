// `x in y`. A row tells its own ancestors by its columns; those of an entity that it refers to are elsewhere.

import type { Binary, EntityUid, Value } from '@cardea/policy'
import { all, any, FALSE, TRUE } from '../sql/fragment.ts'
import type { Column } from '../sql/fragment.ts'
import type { Pair } from '../sql/dialect.ts'
import { condition, FAULT_OPERAND, testOf, UNDECIDED } from './operand.ts'
import type { ColumnOperand, Known, Operand } from './operand.ts'
import { constantPart } from './reading.ts'
import type { Translate, Translation } from './translation.ts'
import { truth } from './truth.ts'

export const translateIn: Translate<'in'> = (node, translation) => {
  const left = translation.operand(node.left)
  const right = translation.operand(node.right)
  if (left.kind === 'fault' || right.kind === 'fault') return FAULT_OPERAND
  if (left.kind === 'known')
    return right.kind === 'known' ? constantPart(node, translation) : knownIn(left, node, translation)
  if (left.kind !== 'column' || left.type.type !== 'Entity') return FAULT_OPERAND
  if (right.kind !== 'known') {
    return translation.refuse(
      node,
      'ERR_DATA_UNSUPPORTED',
      'two parts of the row on both sides of `in` have no exact query',
    )
  }
  const holders = right.value === undefined ? undefined : entitiesOf(right.value)
  if (right.value !== undefined && holders === undefined) return FAULT_OPERAND
  return left.isResource
    ? resourceIn(left, holders, node, translation)
    : referenceIn(left, left.type.name, holders, node, translation)
}

/** A residual says `[the entity, its groups].contains(x)` here: the groups are known from the token. */
function knownIn({ value }: Known, node: Binary, translation: Translation): Operand {
  const isRow = typeof value === 'object' && value.kind === 'entity' && value.type === translation.row.type
  if (translation.isChecking && !isRow) return condition(UNDECIDED)
  return translation.refuse(
    node,
    'ERR_DATA_REACHED',
    'the ancestors of the entity before `in` are not known to the query',
  )
}

/** `holders` is `undefined` while a policy is checked: they may then be of any type. */
function resourceIn(
  operand: ColumnOperand,
  holders: readonly EntityUid[] | undefined,
  node: Binary,
  translation: Translation,
): Operand {
  const { row } = translation
  const asked = holders === undefined ? row.untold : new Set(holders.map(({ type }) => type))
  const [untold] = asked.intersection(row.untold)
  if (untold !== undefined) {
    return translation.refuse(
      node,
      'ERR_DATA_HIERARCHY',
      `a row does not tell which \`${untold}\` its \`${row.type}\` is in`,
      'map the column of every kind of ancestor; a hierarchy of unknown depth has no exact query',
    )
  }
  if (holders === undefined) return condition(UNDECIDED)
  const own = pairIn(row.id, idsOf(holders, row.type), translation)
  const pairs = [...row.parents].flatMap(([type, column]): Pair[] => {
    const pair = pairIn(column, idsOf(holders, type), translation)
    // no parent of this kind is no error: the row is just not in it
    return pair === undefined
      ? []
      : [{ whenTrue: pair.whenTrue, whenFalse: any(translation.dialect.isAbsent(column), pair.whenFalse) }]
  })
  if (own !== undefined) return condition(testOf(anyPair([own, ...pairs]), operand))
  return condition(truth(anyPair(pairs)))
}

function referenceIn(
  operand: ColumnOperand,
  type: string,
  holders: readonly EntityUid[] | undefined,
  node: Binary,
  translation: Translation,
): Operand {
  const above = translation.row.ancestorTypes(type)
  const reached = holders === undefined ? above.size > 0 : holders.some((holder) => above.has(holder.type))
  if (reached) {
    return translation.refuse(
      node,
      'ERR_DATA_REACHED',
      `the ancestors of a \`${type}\` are not in the row that refers to it`,
      'ask `principal in ...`, or whether a set that the request holds `contains` the reference',
    )
  }
  if (holders === undefined) return condition(UNDECIDED)
  const pair = pairIn(operand.column, idsOf(holders, type), translation)
  return condition(
    testOf(pair ?? { whenTrue: FALSE, whenFalse: translation.dialect.isPresent(operand.column) }, operand),
  )
}

function pairIn(column: Column, ids: readonly string[], { dialect }: Translation): Pair | undefined {
  return ids.length === 0 ? undefined : dialect.textIsIn(column, ids)
}

function anyPair(pairs: readonly Pair[]): Pair {
  return {
    whenTrue: pairs.length === 0 ? FALSE : any(...pairs.map(({ whenTrue }) => whenTrue)),
    whenFalse: pairs.length === 0 ? TRUE : all(...pairs.map(({ whenFalse }) => whenFalse)),
  }
}

function idsOf(entities: readonly EntityUid[], type: string): string[] {
  return entities.filter((entity) => entity.type === type).map(({ id }) => id)
}

/** The entities of a value that may stand after `in`; `undefined` when it may not. */
function entitiesOf(value: Value): readonly EntityUid[] | undefined {
  if (typeof value !== 'object') return undefined
  if (value.kind === 'entity') return [value]
  if (value.kind !== 'set') return undefined
  const entities = value.elements.filter((element) => typeof element === 'object' && element.kind === 'entity')
  return entities.length === value.elements.length ? entities : undefined
}
