// One row of the tables of known attacks on JWT verification: a token, and the code that refuses it. Every token is signed
// truly over what it says, unless its signature is the attack: so that nothing is refused for a lesser reason.

import { claimsText, forge } from '../fixture.ts'

export interface Threat {
  readonly group: number
  readonly name: string
  readonly token: string
  /** The code that refuses it, or `accepted` where it is the harmless twin of a refused one. */
  readonly expected: string
}

export function group(
  number: number,
  rows: readonly (readonly [name: string, token: string, expected: string])[],
): Threat[] {
  return rows.map(([name, token, expected]) => ({ group: number, name, token, expected }))
}

export function header(members: { readonly [name: string]: unknown } | string): string {
  return forge({ header: members })
}

export function claims(members: { readonly [name: string]: unknown }): string {
  return forge({ payload: members })
}

/** Claims with raw JSON laid over them, for what `JSON.stringify` cannot write. */
export function raw(members: Readonly<Record<string, string>>): string {
  return forge({ payload: claimsText(members) })
}

/** The good claims with one more piece of JSON text inside. */
export function withText(text: string): string {
  return forge({ payload: claimsText({}).replace(/\}$/, `,${text}}`) })
}
