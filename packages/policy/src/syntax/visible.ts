// Text from outside as a terminal and a reader may have it: nothing of it acts, nothing of it hides.
// Unicode: UAX 9 (direction overrides), UTS 51 (emoji).

/** Controls, invisible characters, direction overrides, line separators and halves of pairs as `\u{202e}`. */
export function visible(text: string): string {
  return text.replaceAll(HIDDEN, (found) =>
    EMOJI_SEQUENCE.test(found) ? found : `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`,
  )
}

/** Emoji that are joined are matched as a whole and stay as they are: a joiner there changes the picture and hides nothing. */
const HIDDEN =
  /\p{Extended_Pictographic}\ufe0f?(?:\u200d\p{Extended_Pictographic}\ufe0f?)+|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu
const EMOJI_SEQUENCE = /^\p{Extended_Pictographic}/u
