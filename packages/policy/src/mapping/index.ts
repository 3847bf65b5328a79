// `@cardea/policy/mapping`: how a row is an entity, said once and typed.

export { createFilter } from './filter.ts'
export type { Filter } from './filter.ts'
export { mapEntity } from './map-entity.ts'
export type { Authorization, Authorized } from './authorized.ts'
export type {
  EntityMapping,
  Mapped,
  MappedColumns,
  MappedEntity,
  ParentColumn,
  RowOf,
  TypeOf,
} from './entity-mapping.ts'
export type { MappedRow, MappingOptions } from './mapping-options.ts'
