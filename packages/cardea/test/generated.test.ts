// Whether the generated schema is of the policies, and if it is not, why.

import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createValidator } from '@cardea/validate'
import { afterAll, describe, expect, it } from 'vitest'
import { generateText, staleGenerated, writeGenerated } from '../src/generated.ts'
import { loadSources } from '../src/sources.ts'
import { makeProject, writeFiles } from './support/project.ts'

const validator = createValidator()
afterAll(() => validator.close())

/** What is said of the generated file, after a change of the project. */
async function saidAfter(change: (folder: string, file: string) => Promise<unknown>): Promise<readonly object[]> {
  const folder = await makeProject()
  const config = { schema: join(folder, 'policy/schema.cedarschema'), policies: join(folder, 'policy') }
  const file = join(folder, 'schema.gen.ts')
  const before = await loaded(config)
  await writeGenerated(file, await generateText(before.sources, before.definition))
  await change(folder, file)
  const { sources, definition } = await loaded(config)
  return staleGenerated(file, sources, definition)
}

async function loaded(config: { readonly schema: string; readonly policies: string }) {
  const sources = await loadSources(config)
  const { definition } = await validator.parseSchema(sources.schema.text)
  if (definition === undefined) throw new Error('the schema is wrong')
  return { sources, definition }
}

const schemaText = async (folder: string): Promise<string> =>
  readFile(join(folder, 'policy/schema.cedarschema'), 'utf8')

describe('the generated schema', () => {
  it('is up to date', async () => {
    expect(await saidAfter(async () => undefined)).toEqual([])
  })

  it.each<[string, (folder: string, file: string) => Promise<unknown>, RegExp, RegExp]>([
    [
      'changed policies',
      (folder) => writeFiles(folder, { 'policy/more.cedar': '@id("more") permit (principal, action, resource);' }),
      /is stale: the policies, or comments of the schema, have changed/,
      /run `cardea generate`, or the guard refuses to start/,
    ],
    [
      'a comment of the schema',
      async (folder) => writeFiles(folder, { 'policy/schema.cedarschema': `// more\n${await schemaText(folder)}` }),
      /is stale: the policies, or comments of the schema, have changed/,
      /run `cardea generate`, or the guard refuses to start/,
    ],
    [
      'a changed schema',
      async (folder) =>
        writeFiles(folder, { 'policy/schema.cedarschema': `${await schemaText(folder)}\nentity More;` }),
      /is stale: the schema has changed/,
      /run `cardea generate`, or the guard refuses to start/,
    ],
    [
      'an edit by hand',
      async (_folder, file) =>
        writeFiles(join(file, '..'), { 'schema.gen.ts': (await readFile(file, 'utf8')).replace('owner', 'holder') }),
      /was edited by hand/,
      /belongs into the schema/,
    ],
    ['its absence', (_folder, file) => rm(file), /does not exist/, /run `cardea generate`/],
  ])('tells %s', async (_name, change, message, hint) => {
    expect(await saidAfter(change)).toEqual([
      {
        severity: 'warning',
        code: 'ERR_COMMAND_GENERATED',
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
      },
    ])
  })
})
