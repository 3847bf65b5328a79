// What is built is proven; no lie in a bundle is.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BundleContent, parseBundle, printBundle, type PublishedContent, signBundle } from '@cardea/feed'
import { generateSigningKey, publicJwk } from '@cardea/token'
import { describe, expect, it } from 'vitest'
import { buildProjectBundle } from '../../src/bundle/build-project-bundle.ts'
import { describeBundle, formatBundle } from '../../src/bundle/describe-bundle.ts'
import { type BundleFile, loadBundleFile } from '../../src/bundle/load-bundle-file.ts'
import { verifyBundle } from '../../src/bundle/verify-bundle.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { makeProject, writeFiles } from '../support/project.ts'

async function build(folder: string): Promise<BundleContent> {
  return buildProjectBundle((await loadConfig({ folder, environment: {} })).config)
}

const cwd = await makeProject({
  'policy/more.cedar': '@id("more") forbid (principal, action, resource) when { false };',
})
const content = await build(cwd)
const path = join(cwd, 'policy.bundle.json')
await writeFiles(cwd, { 'policy.bundle.json': printBundle(content) })
const [key, stranger] = await Promise.all([
  generateSigningKey('ES256', { kid: 'b-1' }),
  generateSigningKey('ES256', { kid: 'b-1' }),
])

/** The code of the error that the work rejects with, or `none`. */
async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work()
  } catch (error) {
    if (error instanceof Error && 'code' in error) return String(error.code)
    throw error
  }
  return 'none'
}

describe('what is built', () => {
  it('is described', async () => {
    const description = describeBundle(await loadBundleFile(path))
    expect(description).toMatchObject({
      format: 3,
      language: 'Cedar 4.5',
      signedBy: null,
      revision: null,
      forbidErrors: 'deny',
      policies: { all: 4, forbid: 2, permit: 2, templates: 1 },
      files: [
        { file: 'more.cedar', policies: 1 },
        { file: 'policies.cedar', policies: 3 },
      ],
      entityTypes: 3,
      actions: 2,
      plans: [expect.any(String)],
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(formatBundle(description)).toContain('none: for a guard without an authority')
  })
})

describe('the proof', () => {
  const fileOf = (changes: object): BundleFile => {
    const bytes = Buffer.from(printBundle({ ...content, ...changes }))
    return { name: 'x', bytes, content: parseBundle(bytes), signed: undefined }
  }
  const { policies, program, schema, plans } = content
  const LIES: Record<string, readonly [changes: object, code: string]> = {
    nothing: [{}, 'none'],
    'an edited text': [
      { policies: policies.map(({ file, text }) => ({ file, text: `${text}\n` })) },
      'ERR_FEED_BUNDLE_DIGEST',
    ],
    'an edited program': [
      { program: { ...program, texts: program.texts.map((text) => (text === 'tenant' ? 'owner' : text)) } },
      'ERR_FEED_BUNDLE_TEXTS',
    ],
    'an edited schema': [
      { schema: { ...schema, entities: { ...schema.entities, Ghost: { parents: [], attributes: {} } } } },
      'ERR_COMMAND_BUNDLE',
    ],
    'an edited plan': [{ plans: plans.map((plan) => ({ ...plan, templates: [] })) }, 'ERR_COMMAND_BUNDLE'],
    'one more plan': [{ plans: [...plans, ...plans] }, 'ERR_COMMAND_BUNDLE'],
  }
  it.each(Object.entries(LIES))('finds %s', async (_, [changes, code]) => {
    expect(await codeOf(() => verifyBundle(fileOf(changes), undefined))).toBe(code)
  })

  it('holds of a signed one with the keys that may sign, whenever it ended, and not without', async () => {
    const published: PublishedContent = {
      ...content,
      revision: 7,
      notAfterSeconds: 1,
      audience: 'https://docs.example',
    }
    await writeFiles(cwd, {
      'signed.jws': await signBundle(published, key),
      'keys.json': JSON.stringify({ keys: [publicJwk(key)] }),
      'stranger.json': JSON.stringify({ keys: [publicJwk(stranger)] }),
    })
    const signed = await loadBundleFile(join(cwd, 'signed.jws'))
    const built = await loadBundleFile(path)
    const keys = join(cwd, 'keys.json')
    expect(await codeOf(() => verifyBundle(signed, keys))).toBe('none')
    expect(await codeOf(() => verifyBundle(signed, join(cwd, 'stranger.json')))).toBe('ERR_FEED_BUNDLE_SIGNATURE')
    expect(await codeOf(() => verifyBundle(signed, undefined))).toBe('ERR_COMMAND_USAGE')
    expect(await codeOf(() => verifyBundle(built, keys))).toBe('ERR_COMMAND_USAGE')
    const shown = formatBundle(describeBundle(signed))
    expect(shown).toContain('7, until 1970-01-01T00:00:01.000Z')
    expect(shown).toContain('by a key that calls itself b-1')
  })
})

describe('what is no bundle', () => {
  const ROWS: Record<string, readonly [text: string, code: string]> = {
    'a signed text of two parts': ['eyJ.e30', 'ERR_COMMAND_INPUT'],
    'a signed text of another thing': ['eyJhIjoxfQ.e30.AA', 'ERR_FEED_BUNDLE_FORMAT'],
    'another object': ['{}', 'ERR_FEED_BUNDLE_FORMAT'],
    'a bundle of another release': ['{"format":4}', 'ERR_FEED_BUNDLE_VERSION'],
  }
  it.each(Object.entries(ROWS))('%s is said to be none', async (_, [text, code]) => {
    await writeFiles(cwd, { other: text })
    expect(await codeOf(() => loadBundleFile(join(cwd, 'other')))).toBe(code)
  })
})

describe('the page of the format', () => {
  it('shows what is built', async () => {
    const page = await readFile(new URL('../../../../docs/bundle.md', import.meta.url), 'utf8')
    const fence = (language: string): string =>
      new RegExp(`## An example[\\s\\S]*?\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? ''
    const folder = await makeProject({
      'policy/policies.cedar': fence('cedar'),
      'policy/schema.cedarschema': fence('cedarschema'),
    })
    const text = printBundle(await build(folder))
    const lines = Object.entries(JSON.parse(text)).map(([name, member]) => `  "${name}": ${shown(member, '  ')}`)
    expect(withoutVersion(fence('json'))).toBe(withoutVersion(`{\n${lines.join(',\n')}\n}\n`))
  })

  /** A member a line, lists of numbers and texts in one. */
  function shown(value: unknown, indent: string): string {
    const inner = `${indent}  `
    if (typeof value !== 'object' || value === null || JSON.stringify(value).length < 100) {
      return JSON.stringify(value)
        .replaceAll(/,(?=["{[\d-])/g, ', ')
        .replaceAll(/(?<="):(?=["{[\d])/g, ': ')
    }
    const rows = Array.isArray(value)
      ? [
          value.every((item) => typeof item === 'number')
            ? value.join(', ')
            : value.map((item) => shown(item, inner)).join(`,\n${inner}`),
        ]
      : Object.entries(value).map(([name, member]) => `"${name}": ${shown(member, inner)}`)
    const [open, close] = Array.isArray(value) ? '[]' : '{}'
    return `${open}\n${inner}${rows.join(`,\n${inner}`)}\n${indent}${close}`
  }

  const withoutVersion = (text: string): string => text.replaceAll(/cardea \d+\.\d+\.\d+/g, 'cardea')
})
