// How policies and their parts are shown in a line. What is shown is policy text, never a value of the request; controls and
// invisible characters in it are made visible, so that no policy can draw on a terminal.

import { positionOf } from '../syntax/position.ts'
import { printExpression } from '../syntax/print-policy.ts'
import type { Expression, Policy, Span } from '../syntax/tree.ts'
import { quoteText } from '../value/text.ts'

export interface ExplainOptions {
  /** Adds ANSI colours. */
  readonly color?: boolean
  /** Texts by file name, to show parts as they were written and with line and column. */
  readonly sources?: ReadonlyMap<string, string>
}

/** Longer parts are cut. */
const MAXIMUM_LENGTH = 100

/** `` `owner-edits` (policies.cedar:3:1) `` */
export function policyText({ id, span }: Policy, options: ExplainOptions): string {
  const name = codeText(id, options)
  const place = placeText(span, options)
  return place === '' ? name : `${name} (${place})`
}

/** The part as it was written, or printed anew when its text is not at hand. */
export function partText(node: Expression, options: ExplainOptions): string {
  const { file, start, end } = node.span
  const source = options.sources?.get(file)?.slice(start, end)
  return codeText(source ?? printExpression(node), options)
}

/** In backticks, on one line. */
export function codeText(text: string, { color = false }: ExplainOptions): string {
  const line = text.replace(/\s+/g, ' ').trim()
  const short = line.length > MAXIMUM_LENGTH ? `${line.slice(0, MAXIMUM_LENGTH - 1).toWellFormed()}…` : line
  const visible = `\`${escapeControls(short)}\``
  return color ? `\u001b[1m${visible}\u001b[22m` : visible
}

function placeText({ file, start }: Span, { sources }: ExplainOptions): string {
  const source = sources?.get(file)
  if (source === undefined) return escapeControls(file)
  const { line, column } = positionOf(source, start)
  return `${escapeControls(file)}:${line}:${column}`
}

function escapeControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => quoteText(character).slice(1, -1))
}
