// A type as messages say it, in the words of Cedar's schema language.

import type { TypeDefinition } from './definition.ts'

/** `Set<User>`, `ipaddr`, `{ office: ipaddr, ... }` shortened to `a record`. */
export function describeType(type: TypeDefinition): string {
  switch (type.type) {
    case 'Entity':
      return `\`${type.name}\``
    case 'Set':
      return `set of ${describeType(type.element)}`
    case 'Record':
      return 'record'
    case 'Bool':
    case 'Long':
    case 'String':
    case 'decimal':
    case 'ipaddr':
    case 'datetime':
    case 'duration':
      return `\`${type.type}\``
    default:
      return type satisfies never
  }
}
