// The Rego that is the same for every policy: files of this package, beside `src` and `dist` alike.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A module by its path in a bundle. */
export type Modules = ReadonlyMap<string, string>

/** Cedar's operators and values as Rego: package `cardea.cedar`. */
export function libraryModules(): Promise<Modules> {
  return (library ??= loadFolder('cedar'))
}

/** What checks a request and asks the policies, for the policies and the schema under this root. */
export async function requestModules(root: string): Promise<Modules> {
  const loaded = await (request ??= loadFolder('policy'))
  const folder = root.replaceAll('.', '/')
  return new Map(
    [...loaded].map(([path, text]) => [path.replace('cardea/policy', folder), text.replaceAll('cardea.policy', root)]),
  )
}

let library: Promise<Modules> | undefined
let request: Promise<Modules> | undefined

const FOLDER = join(import.meta.dirname, '..', '..', 'rego')

async function loadFolder(name: string): Promise<Modules> {
  const folder = join(FOLDER, name)
  const files = (await readdir(folder)).filter((file) => file.endsWith('.rego')).toSorted()
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
  return new Map(files.map((file, index) => [`cardea/${name}/${file}`, texts[index] ?? '']))
}
