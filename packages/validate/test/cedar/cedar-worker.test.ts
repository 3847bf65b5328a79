import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { CedarWorker } from '../../src/cedar/cedar-worker.ts'

const SCHEMA = 'entity U = { b: Bool }; action a appliesTo { principal: U, resource: U, context: {} };'
/** Cedar's validator runs out of stack on it, and the instance is broken from then on. */
const DEADLY = `permit(principal, action, resource)${' when { principal.b }'.repeat(2000)};`

const workers: CedarWorker[] = []
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.close()))
})

function worker(timeLimitMilliseconds = 20_000): CedarWorker {
  const made = new CedarWorker({ timeLimitMilliseconds })
  workers.push(made)
  return made
}

const schema = (text: string) => ({ kind: 'schema', text }) as const
const validate = (policy: string) =>
  ({ kind: 'validate', schema: SCHEMA, policies: { p: policy }, templates: {} }) as const

describe('CedarWorker', () => {
  it('answers in order, however many wait', async () => {
    const cedar = worker()
    const order: number[] = []
    const texts = Array.from({ length: 12 }, (_, index) => `entity E${index};`)
    const results = await Promise.all(
      texts.map(async (text, index) => {
        const result = await cedar.call(schema(text))
        order.push(index)
        return result
      }),
    )
    expect(order).toEqual(texts.map((_, index) => index))
    const names = results.map((result) =>
      result.kind === 'answer' && result.answer.type === 'success'
        ? Object.keys(result.answer.json['']?.entityTypes ?? {})[0]
        : undefined,
    )
    expect(names).toEqual(texts.map((_, index) => `E${index}`))
  })

  it('survives a crash: the call says so and the next one works', async () => {
    const cedar = worker()
    const [first, crash, next] = await Promise.all([
      cedar.call(validate('permit(principal, action, resource);')),
      cedar.call(validate(DEADLY)),
      cedar.call(validate('permit(principal, action, resource) when { principal.c };')),
    ])
    expect(first.kind).toBe('answer')
    expect(crash).toEqual({ kind: 'crash' })
    expect(next.kind === 'answer' && next.answer.type === 'success' && next.answer.validationErrors.length).toBe(1)
  })

  it('ends a call that takes too long, and works again', async () => {
    // no thread starts within a millisecond
    const cedar = worker(1)
    expect(await cedar.call(schema(SCHEMA))).toEqual({ kind: 'timeout' })
    expect(await cedar.call(schema(SCHEMA))).toEqual({ kind: 'timeout' })
  })

  it('rejects what waits when it is closed, and what comes after', async () => {
    const cedar = worker()
    await cedar.call(schema(SCHEMA))
    const waiting = [cedar.call(schema(SCHEMA)), cedar.call(schema(SCHEMA))].map((call) =>
      call.then(
        () => 'answered',
        (error: unknown) => error,
      ),
    )
    await cedar.close()
    const closed = expect.objectContaining({ code: 'ERR_VALIDATE_CLOSED' })
    expect(await Promise.all(waiting)).toEqual([closed, closed])
    await expect(cedar.call(schema(SCHEMA))).rejects.toEqual(closed)
  })

  it('may be closed twice, and before it was ever asked', async () => {
    const cedar = worker()
    await cedar.close()
    await expect(cedar.close()).resolves.toBeUndefined()
  })

  it('does not keep a process alive, and is waited for while it works', async () => {
    const program = `
      import { createValidator } from ${JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)}
      const { definition } = await createValidator().parseSchema(${JSON.stringify(SCHEMA)})
      process.stdout.write(Object.keys(definition.entities).join())`
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@cardea/source', '--input-type=module', '--eval', program],
      { timeout: 15_000 },
    )
    expect(stdout).toBe('U')
  })
})
