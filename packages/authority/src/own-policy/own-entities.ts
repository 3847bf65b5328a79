// How the things of the authority are entities of its own policy.

import { type EntityMapping, mapEntity } from '@cardea/guard'
import { schema } from './schema.gen.ts'

export interface AudienceRow {
  readonly id: string
}

export interface GrantRow {
  readonly id: string
  readonly tenant: string
  readonly template: string
}

export interface AuthorityRow {
  readonly id: string
}

export const AudienceEntity: EntityMapping<'Audience', AudienceRow> = mapEntity(schema, 'Audience', {
  table: 'audiences',
  id: 'id',
  attributes: { name: 'id' },
})

export const GrantEntity: EntityMapping<'Grant', GrantRow> = mapEntity(schema, 'Grant', {
  table: 'grants',
  id: 'id',
  attributes: { tenant: 'tenant', template: 'template' },
})

export const AuthorityEntity: EntityMapping<'Authority', AuthorityRow> = mapEntity(schema, 'Authority', {
  table: 'authority',
  id: 'id',
  attributes: {},
})
