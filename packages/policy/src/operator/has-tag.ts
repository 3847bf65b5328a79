// `x.hasTag(name)`: false for an entity that is not there.

import type { Binary } from '../syntax/tree.ts'
import type { Operator } from './operator.ts'
import { tagOperator } from './tag.ts'

export const hasTagOperator: Operator<Binary> = tagOperator(
  'hasTag',
  true,
  () => (entity, name) => entity?.tags.has(name) === true,
)
