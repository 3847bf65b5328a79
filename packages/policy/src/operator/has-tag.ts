// `x.hasTag(name)`: false for an entity that is not there.

import { tagOperator } from './tag.ts'
import type { TagOperator } from './tag.ts'

export const hasTagOperator: TagOperator = tagOperator(
  'hasTag',
  () => (entity, name) => entity?.tags.has(name) === true,
)
