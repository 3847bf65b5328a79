// Text from outside as a terminal may show it.

/** Replaces what a terminal would obey (control characters, line separators, bidirectional overrides) by its escape. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are the characters to take out
  const obeyed = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
  return text.replaceAll(obeyed, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** The same of text that has several lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

/** Takes signed tokens out: somebody may have given one where a name was meant. Everything that begins as a JWS does counts as one. */
export function withoutTokens(text: string): string {
  return text.replaceAll(/eyJ[\w-]{8,}(?:\.[\w-]*)*/g, '[token]')
}
