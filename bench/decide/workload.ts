// What is measured: a workload is the same questions, put to each subject in its own form.

import type { SchemaDefinition } from '@cardea/policy'
import type { AnySubject } from '../harness.ts'

export interface Workload {
  readonly name: string
  readonly size: number
  readonly cedar: CedarWorkload
  /** The subjects that do not read Cedar, by their names: made only when they are asked for. */
  readonly peers: ReadonlyMap<string, MakeSubject>
}

export type MakeSubject = () => AnySubject | Promise<AnySubject>

/** The workload for whoever reads Cedar. Values are in Cedar's JSON form. */
export interface CedarWorkload {
  /** Policies and templates by id. */
  readonly policies: readonly CedarPolicy[]
  readonly schema: SchemaDefinition
  readonly links: readonly CedarLink[]
  readonly requests: readonly CedarRequest[]
}

export interface CedarPolicy {
  readonly id: string
  readonly text: string
  readonly isTemplate: boolean
}

export interface CedarLink {
  readonly id: string
  readonly template: string
  readonly principal: Uid
  readonly resource: Uid
}

export interface CedarRequest {
  readonly principal: CedarEntity
  readonly action: Uid
  readonly resource: CedarEntity
  readonly context: Fields
  /** Those that policies reach from the principal or the resource. */
  readonly others: readonly CedarEntity[]
}

export interface CedarEntity {
  readonly uid: Uid
  readonly attrs: Fields
  /** All ancestors, not only the nearest: what a token or a row says. */
  readonly parents: readonly Uid[]
}

export interface Uid {
  readonly type: string
  readonly id: string
}

export type Json = string | number | boolean | readonly Json[] | Fields

export interface Fields {
  readonly [name: string]: Json
}

export function uid(type: string, id: string): Uid {
  return { type, id }
}

/** A reference to an entity, as an attribute's value. */
export function reference(type: string, id: string): Fields {
  return { __entity: { type, id } }
}

/** An address or a range of addresses, as a value. */
export function address(text: string): Fields {
  return { __extn: { fn: 'ip', arg: text } }
}
