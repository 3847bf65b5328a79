// What is in a bundle: for scripts as data, for people as a few lines.

import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { compileBundle } from '@cardea/feed'
import { counted } from '../output/counted.ts'
import { printable } from '../output/printable.ts'
import type { BundleFile } from './load-bundle-file.ts'

export interface BundleDescription {
  readonly file: string
  readonly signedBy: string | null
  readonly format: number
  readonly language: string
  readonly producer: string
  readonly digest: string
  /** SHA-256 of the file, in hexadecimal digits. */
  readonly sha256: string
  readonly revision: number | null
  readonly audience: string | null
  readonly notAfter: string | null
  readonly forbidErrors: string
  readonly policies: {
    readonly all: number
    readonly permit: number
    readonly forbid: number
    readonly templates: number
  }
  readonly files: readonly { readonly file: string; readonly policies: number; readonly bytes: number }[]
  readonly entityTypes: number
  readonly actions: number
  /** Digests, the newest first. */
  readonly plans: readonly string[]
  readonly bytes: { readonly all: number; readonly gzip: number; readonly texts: number; readonly program: number }
}

/** Everything about a bundle but the policies themselves. Decodes and compiles it. @throws FeedError */
export function describeBundle({ name, bytes, content, signed }: BundleFile): BundleDescription {
  const { policies } = compileBundle(content).program
  const count = (matches: (policy: (typeof policies)[number]) => boolean): number => policies.filter(matches).length
  const files = content.policies.map(({ file, text }) => ({
    file,
    policies: count(({ span }) => span.file === file),
    bytes: Buffer.byteLength(text),
  }))
  return {
    file: name,
    signedBy: signed === undefined ? null : (signed.keyId ?? ''),
    format: content.format,
    language: content.language,
    producer: content.producer,
    digest: content.digest,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    revision: content.revision ?? null,
    audience: content.audience ?? null,
    notAfter: content.notAfterSeconds === undefined ? null : new Date(content.notAfterSeconds * 1000).toISOString(),
    forbidErrors: content.forbidErrors,
    policies: {
      all: policies.length,
      permit: count(({ effect }) => effect === 'permit'),
      forbid: count(({ effect }) => effect === 'forbid'),
      templates: count(({ slots }) => slots.length > 0),
    },
    files,
    entityTypes: Object.keys(content.schema.entities).length,
    actions: Object.keys(content.schema.actions).length,
    plans: content.plans.map(({ digest }) => digest),
    bytes: {
      all: bytes.length,
      gzip: gzipSync(bytes).length,
      texts: files.reduce((sum, file) => sum + file.bytes, 0),
      program: Buffer.byteLength(JSON.stringify(content.program)),
    },
  }
}

/** `policy.bundle.json: 3 policies in 1 file, 4812 bytes`. */
export function summarizeBundle({ file, policies, files, bytes }: BundleDescription): string {
  return `${printable(file)}: ${counted(policies.all, 'policies', 'policy')} in ${counted(files.length, 'files')}, ${counted(bytes.all, 'bytes')}`
}

export function formatBundle(description: BundleDescription): string {
  const { policies, bytes, plans, revision, notAfter, audience, signedBy } = description
  const rows: readonly (readonly [name: string, value: string])[] = [
    [
      'policies',
      `${policies.permit} permit, ${policies.forbid} forbid; ${counted(policies.templates, 'templates')} among them`,
    ],
    ...description.files.map(
      ({ file, policies, bytes }) =>
        ['file', `${file}: ${counted(policies, 'policies', 'policy')}, ${counted(bytes, 'bytes')}`] as const,
    ),
    ['schema', `${counted(description.entityTypes, 'entity types')}, ${counted(description.actions, 'actions')}`],
    ['plans', plans.join(', ')],
    ['errors', `an erroring forbid: ${description.forbidErrors}`],
    ['revision', revision === null ? 'none: for a guard without an authority' : `${revision}, until ${notAfter ?? ''}`],
    ...(audience === null ? [] : [['audience', audience] as const]),
    [
      'signed',
      signedBy === null ? 'no' : `by a key that calls itself ${signedBy}; \`cardea bundle verify\` looks at it`,
    ],
    ['made by', `${description.producer}; format ${description.format}, ${description.language}`],
    ['bytes', `${bytes.all} (${bytes.gzip} with gzip): texts ${bytes.texts}, program ${bytes.program}`],
    ['digest', description.digest],
    ['SHA-256', description.sha256],
  ]
  const lines = rows.map(([name, value]) => `  ${name.padEnd(WIDTH)}${printable(value)}`)
  return [summarizeBundle(description), ...lines].join('\n')
}

const WIDTH = 10
