// A schema as plain data: what the generated file holds, what a bundle carries and what every index is made from.
// Names are resolved (no common types, namespaces written out), so that reading it needs nothing else.
// Cedar reference: docs.cedarpolicy.com/schema/json-schema.html

/** All entity types and actions, by full name: `Docs::Folder`; an action's is its id, or `Docs::view` in a namespace. */
export interface SchemaDefinition {
  readonly entities: { readonly [type: string]: EntityTypeDefinition }
  readonly actions: { readonly [name: string]: ActionDefinition }
}

/** A definition with the digest of the policies that passed the check together with it. */
export interface GeneratedSchema extends SchemaDefinition {
  /** `sha256:<hex>`, see `policyDigest`. */
  readonly digest?: string
}

export interface EntityTypeDefinition {
  /** The types that a direct parent may have. Empty: an entity of this type is in nothing. */
  readonly parents: readonly string[]
  readonly attributes: AttributeDefinitions
  /** The type of every tag's value. Absent: the type has no tags. */
  readonly tags?: TypeDefinition
  /** All ids that exist. Such a type has neither attributes nor parents nor tags. */
  readonly enum?: readonly string[]
  readonly annotations?: Annotations
}

export type TypeDefinition = PrimitiveDefinition | EntityReferenceDefinition | SetDefinition | RecordDefinition

/** Cedar's name of a primitive or extension type. */
export type PrimitiveTypeName = 'Bool' | 'Long' | 'String' | 'decimal' | 'ipaddr' | 'datetime' | 'duration'

export interface PrimitiveDefinition {
  readonly type: PrimitiveTypeName
}

export interface EntityReferenceDefinition {
  readonly type: 'Entity'
  /** The full name of the entity type. */
  readonly name: string
}

export interface SetDefinition {
  readonly type: 'Set'
  readonly element: TypeDefinition
}

export interface RecordDefinition {
  readonly type: 'Record'
  readonly attributes: AttributeDefinitions
}

export interface AttributeDefinitions {
  readonly [name: string]: AttributeDefinition
}

/** The type of an attribute. Required unless it says otherwise. */
export type AttributeDefinition = TypeDefinition & {
  readonly optional?: true
  readonly annotations?: Annotations
}

export interface ActionDefinition {
  readonly uid: ActionUid
  /** Direct groups. */
  readonly memberOf: readonly ActionUid[]
  /** Types of principals and of resources. Both empty: a group that is never asked for itself. */
  readonly principals: readonly string[]
  readonly resources: readonly string[]
  readonly context: AttributeDefinitions
  readonly annotations?: Annotations
}

/** The reference to an action. Its type is `Action`, or `Docs::Action` in a namespace. */
export interface ActionUid {
  readonly type: string
  readonly id: string
}

/** `@name("value")`; `@name` without a value has the value `''`. */
export interface Annotations {
  readonly [name: string]: string
}
