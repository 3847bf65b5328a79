// `x.getTag(name)`: an error for an absent tag and for an entity that is not there.

import { makeFault } from './fault.ts'
import { tagOperator } from './tag.ts'
import type { TagOperator } from './tag.ts'

export const getTagOperator: TagOperator = tagOperator('getTag', (node) => {
  const missing = makeFault('ERR_POLICY_EVALUATION_ENTITY', 'a tag was read of an entity that is not there', node)
  const absent = makeFault('ERR_POLICY_EVALUATION_TAG', 'a tag is absent', node)
  return (entity, name) => (entity === undefined ? missing : (entity.tags.get(name) ?? absent))
})
