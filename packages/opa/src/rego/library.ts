// The Rego that is the same for every policy: files of this package, beside `src` and `dist` alike. Read once, when first asked for.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Modules by their paths in a bundle. */
export type Modules = ReadonlyMap<string, string>

/**
 * - `cedar`: operators and values of Cedar; package `cardea.cedar`.
 * - `policy`: checks a request and asks the policies.
 * - `token`: that a token is real, bound and not revoked, and what it says.
 * - `authz`: the question of a service.
 */
export type Library = 'cedar' | 'policy' | 'token' | 'authz'

/** The modules of a part. Those of `policy` for the policies and the schema under this root. */
export function libraryModules(part: Library, root: string = POLICY_ROOT): Modules {
  const modules = loaded.get(part) ?? loadFolder(part)
  if (root === POLICY_ROOT) return modules
  const folder = root.replaceAll('.', '/')
  return new Map(
    [...modules].map(([path, text]) => [path.replace('cardea/policy', folder), text.replaceAll(POLICY_ROOT, root)]),
  )
}

/** The package above that of the policies. */
export const POLICY_ROOT = 'cardea.policy'
/** The data of their scopes. */
export const SCOPES_ROOT = 'cardea_data.scopes'

const FOLDER = join(import.meta.dirname, '..', '..', 'rego')
const loaded = new Map<Library, Modules>()

function loadFolder(part: Library): Modules {
  const folder = join(FOLDER, part)
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.rego'))
    .toSorted()
  const modules = new Map(files.map((file) => [`cardea/${part}/${file}`, readFileSync(join(folder, file), 'utf8')]))
  loaded.set(part, modules)
  return modules
}
