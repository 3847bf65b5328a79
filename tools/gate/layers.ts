// Who may import whom. A room imports only rooms above it, and only those that the table allows; what it imports it also
// declares, and no import leaves its package by a relative path. docs/architecture.md shows the same table.

import { readdir, readFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import type { Gate } from './gate.ts'

/** Room to the rooms it may import, in the order of the house: a room never imports one below itself. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  policy: [],
  validate: ['policy'],
  token: [],
  claims: ['policy'],
  feed: ['policy', 'token'],
  data: ['policy', 'claims'],
  guard: ['policy', 'token', 'claims', 'feed'],
  opa: ['policy', 'token', 'claims', 'feed'],
  authority: ['policy', 'validate', 'token', 'claims', 'feed', 'guard', 'opa'],
  testkit: ['policy', 'validate', 'token', 'claims', 'data', 'guard'],
  cardea: ['policy', 'validate', 'token', 'claims', 'feed', 'data', 'guard', 'opa', 'authority', 'testkit'],
}

export const layers: Gate = {
  name: 'layers',
  async run(root) {
    const findings: string[] = []
    let looked = 0
    const packages = join(root, 'packages')
    for (const room of await readdir(packages)) {
      const allowed = ROOMS[room]
      if (allowed === undefined) {
        findings.push(`packages/${room}: not a room of the table in tools/gate/layers.ts`)
        continue
      }
      const manifest = await readManifest(join(packages, room, 'package.json'))
      const declared = new Set([
        ...Object.keys(manifest.dependencies ?? {}),
        ...Object.keys(manifest.peerDependencies ?? {}),
      ])
      for (const name of declared) {
        const target = roomOf(name)
        if (target !== undefined && !allowed.includes(target))
          findings.push(`packages/${room}: may not depend on ${name}`)
      }
      for (const file of await sourcesIn(join(packages, room, 'src'))) {
        looked += 1
        const place = relative(root, file)
        for (const specifier of importsOf(await readFile(file, 'utf8'))) {
          const target = roomOf(specifier)
          if (target !== undefined && target !== room && !allowed.includes(target)) {
            findings.push(`${place}: may not import ${specifier}`)
          }
          if (target !== undefined && target !== room && !declared.has(packageOf(specifier))) {
            findings.push(`${place}: imports ${specifier}, which its package does not declare`)
          }
          if (specifier.startsWith('.') && !resolve(file, '..', specifier).startsWith(join(packages, room, 'src'))) {
            findings.push(`${place}: ${specifier} leaves the package`)
          }
        }
      }
    }
    return { looked, findings }
  },
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

async function readManifest(file: string): Promise<Manifest> {
  return JSON.parse(await readFile(file, 'utf8')) as Manifest
}

async function sourcesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
}

/** Static imports, re-exports and dynamic imports with a literal specifier. */
function importsOf(text: string): string[] {
  const pattern =
    /(?:^|[\n;])\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s)?\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]/g
  return [...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? '')
}

function roomOf(specifier: string): string | undefined {
  if (specifier === 'cardea') return 'cardea'
  const name = /^@cardea\/([a-z]+)/.exec(specifier)?.[1]
  return name !== undefined && name in ROOMS ? name : undefined
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
