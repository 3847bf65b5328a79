// One making for all who ask, and nobody is given an older bundle than he has.

import { expect, test, vi } from 'vitest'
import { createEdition, type Edition, type EditionAnswer } from '../../../src/endpoint/opa/edition.ts'

const NEVER = new AbortController().signal
const LONG = 60_000

interface Press {
  readonly edition: Edition
  /** What a making finds when it begins. */
  content: string
  /** How many makings have begun. */
  made: number
  /** Makings wait for it. */
  gate: Promise<void>
}

function createPress(everyMilliseconds = LONG): Press {
  const press: Press = {
    content: 'one',
    made: 0,
    gate: Promise.resolve(),
    edition: createEdition({
      async make() {
        press.made += 1
        const digest = press.content
        await press.gate
        return { bytes: new Uint8Array(), digest, revision: digest }
      },
      everyMilliseconds: () => everyMilliseconds,
    }),
  }
  return press
}

const ask = (
  { edition }: Press,
  known: readonly string[] = [],
  holdMilliseconds = 0,
  signal = NEVER,
): Promise<EditionAnswer> => edition.ask({ known, holdMilliseconds, signal })

const said = ({ bundle, isNew }: EditionAnswer): readonly [string, boolean] => [bundle.digest, isNew]

test('what many ask for at a moment is made once, and kept', async () => {
  const press = createPress()
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask(press)))
  expect(new Set(answers.map(({ bundle }) => bundle.digest))).toEqual(new Set(['one']))
  expect(said(await ask(press, ['one']))).toEqual(['one', false])
  expect(press.made).toBe(1)
})

test('who has it waits until there is another one, and all of them get that one', async () => {
  const press = createPress()
  await ask(press)
  const held = Array.from({ length: 20 }, () => ask(press, ['one'], LONG))
  press.content = 'two'
  press.edition.wake()
  expect((await Promise.all(held)).map(said)).toEqual(Array.from({ length: 20 }, () => ['two', true]))
  expect(press.made).toBe(2)
})

test('a change that comes while it is made is in the next one', async () => {
  const press = createPress()
  const { promise, resolve } = Promise.withResolvers<void>()
  press.gate = promise
  const first = ask(press, ['zero'], LONG)
  await vi.waitFor(() => expect(press.made).toBe(1))
  press.content = 'two'
  press.edition.wake()
  resolve()
  expect(said(await first)).toEqual(['one', true])
  expect(said(await ask(press, ['one'], LONG))).toEqual(['two', true])
})

test('what is only behind is made again in a moment, and once for many changes', async () => {
  const press = createPress()
  await ask(press)
  const held = ask(press, ['one'], LONG)
  press.content = 'two'
  const begun = performance.now()
  for (let change = 0; change < 50; change += 1) press.edition.outdate()
  expect(said(await held)).toEqual(['two', true])
  expect(performance.now() - begun).toBeLessThan(LONG / 10)
  expect(press.made).toBe(2)
})

test('a change that changes nothing lets everybody wait on', async () => {
  const press = createPress()
  await ask(press)
  const held = ask(press, ['one'], LONG)
  press.edition.wake()
  await vi.waitFor(() => expect(press.made).toBe(2))
  press.content = 'two'
  press.edition.wake()
  expect(said(await held)).toEqual(['two', true])
})

test('a flood of changes is gathered', async () => {
  const press = createPress()
  await ask(press)
  let known = 'one'
  const end = performance.now() + 500
  while (performance.now() < end) {
    press.content = `at ${performance.now()}`
    const answer = ask(press, [known], LONG)
    press.edition.wake()
    known = (await answer).bundle.digest
  }
  expect(press.made).toBeLessThanOrEqual(5)
})

test('who has one that was made elsewhere gets one whose making began after the question', async () => {
  const press = createPress()
  await ask(press)
  press.content = 'two'
  expect(said(await ask(press, ['elsewhere']))).toEqual(['two', true])
  expect(said(await ask(press, ['one']))).toEqual(['two', true])
  expect(press.made).toBe(2)
})

test('it is made again when it gets old', async () => {
  const press = createPress(30)
  await ask(press)
  press.content = 'two'
  expect(said(await ask(press, ['one'], LONG))).toEqual(['two', true])
})

test('nobody waits longer than he said', async () => {
  const press = createPress()
  await ask(press)
  const began = performance.now()
  expect(said(await ask(press, ['one'], 50))).toEqual(['one', false])
  expect(performance.now() - began).toBeGreaterThanOrEqual(49)
  expect(press.edition.isAskedFor).toBe(false)
})

test('who goes, and an end, stop the waiting', async () => {
  const press = createPress()
  await ask(press)
  const gone = new AbortController()
  const left = ask(press, ['one'], LONG, gone.signal)
  const stayed = ask(press, ['one'], LONG)
  gone.abort()
  expect(said(await left)).toEqual(['one', false])
  expect(press.edition.isAskedFor).toBe(true)
  press.edition.close()
  expect(said(await stayed)).toEqual(['one', false])
  expect(said(await ask(press, ['one'], LONG))).toEqual(['one', false])
})

test('a making that fails fails those who asked, and the next one is tried', async () => {
  let isBroken = true
  const edition = createEdition({
    make: async () => {
      if (isBroken) throw new Error('broken')
      return { bytes: new Uint8Array(), digest: 'whole', revision: '1' }
    },
    everyMilliseconds: () => LONG,
  })
  const question = { known: [], holdMilliseconds: 0, signal: NEVER }
  await expect(Promise.all([edition.ask(question), edition.ask(question)])).rejects.toThrow('broken')
  isBroken = false
  expect((await edition.ask(question)).bundle.digest).toBe('whole')
})
