// The typed schema that the service imports, with the digest of the policies that passed the check.

import { readFile, writeFile } from 'node:fs/promises'
import type { Problem, SchemaDefinition } from '@cardea/policy'
import { generateSchemaFile } from '@cardea/validate'
import { digestOf, shortName, type Sources } from './sources.ts'

/** The text of the generated file. */
export async function generateText(sources: Sources, definition: SchemaDefinition): Promise<string> {
  return generateSchemaFile(definition, { digest: await digestOf(sources) })
}

export async function isUpToDate(path: string, text: string): Promise<boolean> {
  return text === (await readGenerated(path))
}

/** Writes the text unless it is there already: an app that watches its files does not start again for nothing. */
export async function writeGenerated(path: string, text: string): Promise<void> {
  if (!(await isUpToDate(path, text))) await writeFile(path, text)
}

/** A warning that the file is not what `cardea generate` would write now, and why as far as it can be told. */
export async function staleGenerated(
  path: string,
  sources: Sources,
  definition: SchemaDefinition,
): Promise<readonly Problem[]> {
  const text = await generateText(sources, definition)
  const there = await readGenerated(path)
  if (there === text) return []
  const name = `\`${shortName(path)}\``
  const warning = (message: string, hint: string): readonly Problem[] => [
    { severity: 'warning', code: 'ERR_COMMAND_GENERATED', message, hint },
  ]
  if (there === undefined) {
    return warning(`${name} does not exist`, 'run `cardea generate`: the service imports it')
  }
  const hint = 'run `cardea generate`, or the guard refuses to start in production'
  if (withoutDigest(there) === withoutDigest(text)) {
    return warning(`${name} is stale: the policies, or comments of the schema, have changed since it was written`, hint)
  }
  if (DIGEST.exec(there)?.[0] === DIGEST.exec(text)?.[0]) {
    return warning(
      `${name} was edited by hand: its digest is of these policies, and the rest is not of this schema`,
      'run `cardea generate`: what it should say belongs into the schema',
    )
  }
  return warning(`${name} is stale: the schema has changed since it was written`, hint)
}

const DIGEST = /sha256:[0-9a-f]{64}/

function withoutDigest(text: string): string {
  return text.replace(DIGEST, '')
}

function readGenerated(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}
