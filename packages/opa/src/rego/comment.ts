// Text in a Rego comment. A comment ends with its line, so what else could end one, or hide in it, is written as Cedar's escape.

/** The text as comment lines, each ended. */
export function commentOf(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `${`# ${line.replace(UNSAFE, escape)}`.trimEnd()}\n`)
    .join('')
}

const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

function escape(character: string): string {
  return character === '\t' ? '  ' : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
