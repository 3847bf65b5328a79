// Names as the JavaScript engine's own property names. Two such texts are compared by identity, so a look-up by a name of the policy
// costs a fraction of one by a slice of its source. Only for names of policies and schemas: what is interned is kept as
// long as the engine likes.

/** The same text, cheap to compare. */
export function internName(name: string): string {
  // a property name is always interned; the object is garbage at once
  return Object.keys({ [name]: 0 })[0] ?? name
}
