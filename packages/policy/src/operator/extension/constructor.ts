// `ip("...")`, `decimal("...")`, `datetime("...")`, `duration("...")`.

import type { ExtensionConstructor } from '../../syntax/tree.ts'
import { constructExtension } from '../../value/extension-text.ts'
import { makeFault, typeFault } from '../fault.ts'
import type { Extension } from './extension.ts'

export function constructor(name: ExtensionConstructor): Extension {
  return {
    arity: 1,
    isMethod: false,
    result: name === 'ip' ? 'ipaddr' : name,
    prepare(node) {
      const type = typeFault(`the argument of \`${name}\` is not a String`, node)
      const malformed = makeFault('ERR_POLICY_EVALUATION_LITERAL', `the text is no \`${name}\``, node)
      return (text) => (typeof text === 'string' ? (constructExtension(name, text) ?? malformed) : type)
    },
  }
}
