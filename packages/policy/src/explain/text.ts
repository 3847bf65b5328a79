// How names and parts of policies are shown in a line. Controls and invisible characters are made visible, so that no policy can draw on
// a terminal.

import { visible } from '../syntax/visible.ts'
import type { ExplainedPolicy, Place } from './explanation.ts'

export interface LineOptions {
  /** Adds ANSI colours. */
  readonly color?: boolean
}

/** Longer parts are cut. */
const MAXIMUM_LENGTH = 100

/** `` `owner-edits` (policies.cedar:3:1) `` */
export function policyText({ id, place }: ExplainedPolicy, options: LineOptions): string {
  const name = codeText(id, options)
  const at = placeText(place)
  return at === '' ? name : `${name} (${at})`
}

/** In backticks, on one line. */
export function codeText(text: string, { color = false }: LineOptions): string {
  const line = text.replace(/\s+/g, ' ').trim()
  const short = line.length > MAXIMUM_LENGTH ? `${line.slice(0, MAXIMUM_LENGTH - 1).toWellFormed()}…` : line
  const quoted = `\`${visible(short)}\``
  return color ? `\u001b[1m${quoted}\u001b[22m` : quoted
}

/** `policies.cedar:3:1` */
export function placeText({ file, line, column }: Place): string {
  const name = visible(file)
  return line === undefined || column === undefined ? name : `${name}:${line}:${column}`
}
