// The typed schema that the service imports, with the digest of the policies that passed the check.

import { readFile, writeFile } from 'node:fs/promises'
import type { SchemaDefinition } from '@cardea/policy'
import { generateSchemaFile } from '@cardea/validate'
import { digestOf, type Sources } from './sources.ts'

/** The text of the generated file. */
export async function generateText(sources: Sources, definition: SchemaDefinition): Promise<string> {
  return generateSchemaFile(definition, { digest: await digestOf(sources) })
}

export async function isUpToDate(path: string, text: string): Promise<boolean> {
  return text === (await readFile(path, 'utf8').catch(() => undefined))
}

/** Writes the text unless it is there already: an app that watches its files does not start again for nothing. */
export async function writeGenerated(path: string, text: string): Promise<void> {
  if (!(await isUpToDate(path, text))) await writeFile(path, text)
}
