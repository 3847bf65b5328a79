// The TypeScript types that follow from a schema's literal type: which actions there are, on what, and with which context.
// Over `SchemaDefinition` itself they are the general forms: `string` for names, any value for attributes.

import type { DatetimeValue, DecimalValue, DurationValue, EntityUid, IpValue } from '../value/value.ts'
import type { AttributeDefinitions, PrimitiveTypeName, SchemaDefinition, TypeDefinition } from './definition.ts'
import type { ReservedContext } from './reserved-context.ts'

/** `'view'`, or `'Docs::view'` in a namespace. */
export type ActionName<S extends SchemaDefinition> = keyof S['actions'] & string

export type EntityTypeName<S extends SchemaDefinition> = keyof S['entities'] & string

/** The types of who can do the action. */
export type PrincipalType<S extends SchemaDefinition, A extends ActionName<S>> = S['actions'][A]['principals'][number]

/** The types of what the action can be done on. */
export type ResourceType<S extends SchemaDefinition, A extends ActionName<S>> = S['actions'][A]['resources'][number]

/** The actions that can be done on an entity of that type. */
export type ActionOn<S extends SchemaDefinition, T extends EntityTypeName<S>> = {
  [A in ActionName<S>]: T extends ResourceType<S, A> ? A : never
}[ActionName<S>]

/** What an entity type's attributes are in TypeScript. */
export type EntityAttributes<S extends SchemaDefinition, T extends EntityTypeName<S>> = InputFields<
  S['entities'][T]['attributes']
>

/** What a handler gives as context: what the action declares, without the names that only a guard sets. */
export type ActionContext<S extends SchemaDefinition, A extends ActionName<S>> = InputFields<
  WithoutReserved<S['actions'][A]['context']>
> & { readonly [N in ReservedContext]?: never }

/** True when the action needs no context of a handler. */
export type HasNoRequiredContext<S extends SchemaDefinition, A extends ActionName<S>> = [
  RequiredName<WithoutReserved<S['actions'][A]['context']>>,
] extends [never]
  ? true
  : false

/** What TypeScript code gives for a value of that type: see `inputValue`. */
export type InputOf<D extends TypeDefinition> = D extends { readonly type: infer N extends PrimitiveTypeName }
  ? PrimitiveInput[N]
  : D extends { readonly type: 'Entity' }
    ? string | EntityUid
    : D extends { readonly type: 'Set'; readonly element: infer E extends TypeDefinition }
      ? readonly InputOf<E>[]
      : D extends { readonly type: 'Record'; readonly attributes: infer F extends AttributeDefinitions }
        ? InputFields<F>
        : never

interface PrimitiveInput {
  readonly Bool: boolean
  readonly Long: number | bigint
  readonly String: string
  readonly decimal: string | DecimalValue
  readonly ipaddr: string | IpValue
  readonly datetime: Date | string | number | DatetimeValue
  readonly duration: string | DurationValue
}

/** Required and optional fields by their definitions. */
export type InputFields<F extends AttributeDefinitions> = {
  readonly [N in RequiredName<F>]: InputOf<F[N]>
} & {
  readonly [N in OptionalName<F>]?: InputOf<F[N]> | undefined
}

export type RequiredName<F extends AttributeDefinitions> = Exclude<keyof F & string, OptionalName<F>>

export type OptionalName<F extends AttributeDefinitions> = {
  [N in keyof F & string]: F[N] extends { readonly optional: true } ? N : never
}[keyof F & string]

type WithoutReserved<F extends AttributeDefinitions> = { readonly [N in keyof F as Exclude<N, ReservedContext>]: F[N] }
