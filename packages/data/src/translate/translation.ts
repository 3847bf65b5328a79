// What the translation of one operator can ask for.

import type { Expression, ExpressionKind, NodeOf } from '@cardea/policy'
import type { DataErrorCode } from '../errors.ts'
import type { Dialect } from '../sql/dialect.ts'
import type { Operand } from './operand.ts'
import type { Row } from './row.ts'
import type { Truth } from './truth.ts'

export interface Translation {
  readonly dialect: Dialect
  readonly row: Row
  /** Optional attributes that are proven to be there. */
  readonly present: ReadonlySet<string>
  /** True when a policy is checked: what does not depend on the row has no value yet. */
  readonly isChecking: boolean
  operand(node: Expression): Operand
  /** The node where only a Bool is allowed. */
  condition(node: Expression): Truth
  assuming(present: ReadonlySet<string>): Translation
  /** There is no exact translation: throws for a query, notes a problem when a policy is checked and goes on. */
  refuse(node: Expression, code: DataErrorCode, message: string, hint?: string): Operand
}

/** How one kind of node is translated. */
export type Translate<Kind extends ExpressionKind> = (node: NodeOf<Kind>, translation: Translation) => Operand
