// What a bundle holds, as files: a manifest, one file of data, and modules. Everything lies under the roots, which is what OPA requires
// and what keeps one bundle from overwriting another.

import { OpaError } from '../errors.ts'
import { compareBytes, type OpaJson, type OpaObject, printOpaJson } from './opa-json.ts'

export interface OpaBundleContent {
  /** What OPA reports as the revision that it runs. */
  readonly revision: string
  /** Paths in `data` that the bundle owns, with slashes: `cardea_data/news`. None lies under another. */
  readonly roots: readonly string[]
  /** All of `data` that it brings. */
  readonly data: OpaObject
  /** Rego v1 by file name. */
  readonly modules?: ReadonlyMap<string, string>
}

export interface OpaFile {
  /** With slashes, without one at its begin. */
  readonly name: string
  readonly bytes: Uint8Array
}

const MANIFEST = '.manifest'
const DATA = 'data.json'
const ROOT = /^[\w-]+(\/[\w-]+)*$/
const MODULE = /^[\w-]+(\/[\w-]+)*\.rego$/
/** Of one file. */
const MAX_FILE_BYTES = 64 * 1024 * 1024

/**
 * The files, by name: the same content is the same bytes. That a module's package lies under a root is OPA's to find.
 * Throws `ERR_OPA_BUNDLE_CONTENT`.
 */
export function opaBundleFiles({ revision, roots, data, modules = new Map() }: OpaBundleContent): readonly OpaFile[] {
  checkRoots(roots)
  checkData(data, [], roots)
  const texts = new Map<string, string>([
    [MANIFEST, printOpaJson({ revision, roots: roots.toSorted(compareBytes), rego_version: 1 })],
    [DATA, printOpaJson(data)],
  ])
  for (const [name, text] of modules) {
    if (!MODULE.test(name)) throw refused(`the name of a module is not like \`folder/name.rego\``)
    if (!text.isWellFormed()) throw refused('a module has half a character')
    texts.set(name, text)
  }
  return [...texts]
    .map(([name, text]) => fileOf(name, text))
    .toSorted((left, right) => compareBytes(left.name, right.name))
}

function fileOf(name: string, text: string): OpaFile {
  const bytes = Buffer.from(text)
  if (bytes.length > MAX_FILE_BYTES) throw refused(`\`${name}\` has more than ${MAX_FILE_BYTES} bytes`)
  return { name, bytes }
}

function checkRoots(roots: readonly string[]): void {
  if (roots.length === 0 || !roots.every((root) => ROOT.test(root))) throw refused('a root is not like `folder/name`')
  const twice = roots.find((root, index) =>
    roots.some((other, place) => place !== index && `${root}/`.startsWith(`${other}/`)),
  )
  if (twice !== undefined) throw refused(`the root \`${twice}\` lies under another`)
}

/** Every member is above a root, and then an object, or in one. */
function checkData(value: OpaJson, path: readonly string[], roots: readonly string[]): void {
  const place = path.join('/')
  if (path.length > 0 && roots.includes(place)) return
  const isAbove = path.length === 0 || roots.some((root) => root.startsWith(`${place}/`))
  if (!isAbove || !isPlainObject(value)) throw refused(`data at \`/${place}\` lies outside the roots`)
  for (const [name, member] of Object.entries(value)) {
    // a name with a slash would look like two
    if (name.includes('/')) throw refused(`data at \`/${place}\` lies outside the roots`)
    checkData(member, [...path, name], roots)
  }
}

function isPlainObject(value: OpaJson): value is OpaObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Map)
}

function refused(message: string): OpaError {
  return new OpaError('ERR_OPA_BUNDLE_CONTENT', message)
}
