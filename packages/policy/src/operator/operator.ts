// What an operator is: its evaluation and its residual side by side, and what can be proven of it. One file per operator;
// `table.ts` lists them, and the compiler proves the list total.

import type { Schema } from '../schema/schema.ts'
import type { Expression, ExpressionKind, VariableName } from '../syntax/tree.ts'
import type { EntityUid, Value } from '../value/value.ts'
import type { Evaluation } from './evaluation.ts'
import type { Result } from './fault.ts'

/** A compiled expression. Never throws and never allocates for an error. */
export type Evaluate = (evaluation: Evaluation) => Result

/** Compiles a part of the node at hand. */
export type Compile = (node: Expression) => Evaluate

/** Focuses a part of the node at hand. */
export type Focus = (node: Expression, wanted: boolean) => Expression

export interface Operator<Node extends Expression> {
  /** The closure that evaluates the node. */
  compile(node: Node, compile: Compile): Evaluate
  /** The node with its known parts evaluated. Means exactly what the node means, for every resource. */
  residual(node: Node, partial: PartialEvaluation): Expression
  /**
   * An expression whose value is `wanted` exactly where the node's is; nothing else of the value is kept, so an error and the
   * other Bool are alike. An operator without this keeps its node.
   */
  focus?(node: Node, wanted: boolean, focus: Focus): Expression
  /** True when its value can only be a Bool. It may still err. */
  isBoolean(node: Node, prove: Proof): boolean
  /** True when it cannot err, whatever the resource is. */
  neverErrs(node: Node, prove: Proof): boolean
}

/** The tree node of a kind. */
export type NodeOf<Kind extends ExpressionKind> = Expression extends infer Node
  ? Node extends { readonly kind: infer Kinds }
    ? Kind extends Kinds
      ? Node
      : never
    : never
  : never

/** Proofs about the parts of a node. */
export interface Proof {
  readonly isBoolean: (node: Expression) => boolean
  readonly neverErrs: (node: Expression) => boolean
}

/** Partial evaluation of the parts of a node: what is known of the request, and the way down. */
export interface PartialEvaluation extends Proof {
  /** What a variable is known to be. */
  readonly known: (name: VariableName) => Value | undefined
  /** True when what the evaluation finds (or does not find) of this entity is what a full request would find. */
  readonly knowsEntity: (uid: EntityUid) => boolean
  /** The type of a resource that is itself unknown. */
  readonly resourceType: string | undefined
  readonly schema: Schema | undefined
  /** The known part of the request. */
  readonly evaluation: Evaluation
  readonly residual: (node: Expression) => Expression
  /** The same where only a Bool is allowed: `true && x` may become `x`. */
  readonly condition: (node: Expression) => Expression
  /** Evaluates a node whose parts are all literals. */
  readonly evaluate: (node: Expression) => Expression
}
