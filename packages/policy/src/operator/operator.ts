// What an operator is: its evaluation and its residual side by side, and what can be proven of it. One file per operator;
// `table.ts` lists them, and the compiler proves the list total.

import type { AttributeDefinition, EntityTypeDefinition, TypeDefinition } from '../schema/definition.ts'
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
  /** The node with its known parts evaluated. Means exactly what the node means, whatever is unknown turns out to be. */
  residual(node: Node, partial: PartialEvaluation): Expression
  /**
   * An expression whose value is `wanted` exactly where the node's is; nothing else of the value is kept, so an error and the
   * other Bool are alike. An operator without this keeps its node.
   */
  focus?(node: Node, wanted: boolean, focus: Focus): Expression
  /** The type of its value, if it has one; `undefined` when it may have several, or nothing tells. It may still err. */
  typeOf(node: Node, prove: Proof): TypeDefinition | undefined
  /** True when it cannot err, whatever the request is. */
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

/** What holds of expressions whatever the request is. */
export interface Proof {
  readonly typeOf: (node: Expression) => TypeDefinition | undefined
  readonly neverErrs: (node: Expression) => boolean
  readonly declared: Declarations
  /** True when `x has name` (or, for a tag, `x.hasTag(name)`) was asked before, and was true. */
  readonly isPresent: (of: Expression, name: string | Expression) => boolean
  /** The proof of what is evaluated only where the condition had the value. */
  readonly assuming: (condition: Expression, value: boolean) => Proof
}

/** What a proof may rely on. Without a schema: nothing but the types that the request itself names. */
export interface Declarations {
  readonly variable: (name: VariableName) => TypeDefinition | undefined
  /** By the full name of the entity type. */
  readonly entityType: (name: string) => EntityTypeDefinition | undefined
  /** All types that stand above the entity type. */
  readonly ancestorTypes: (name: string) => ReadonlySet<string> | undefined
}

/** An attribute of a type: its definition, `'undeclared'` when no value has it, `undefined` when nothing tells. */
export type Field = AttributeDefinition | 'undeclared' | undefined

/** Partial evaluation of the parts of a node: what is known of the request, and the way down. */
export interface PartialEvaluation extends Proof {
  /** What a variable is known to be. */
  readonly known: (name: VariableName) => Value | undefined
  /** True when what the evaluation finds (or does not find) under this name in the context is what a full request holds. */
  readonly knowsContext: (name: string) => boolean
  /** True when what the evaluation finds (or does not find) of this entity is what a full request would find. */
  readonly knowsEntity: (uid: EntityUid) => boolean
  /** The type that the schema says, if the value is there at all. It proves nothing: see `typeOf` for what is proven. */
  readonly declaredType: (node: Expression) => TypeDefinition | undefined
  /** The known part of the request. */
  readonly evaluation: Evaluation
  readonly residual: (node: Expression) => Expression
  /** The same where only a Bool is allowed: `true && x` may become `x`. */
  readonly condition: (node: Expression) => Expression
  /** Evaluates a node whose parts are all known. */
  readonly evaluate: (node: Expression) => Expression
}
