// One content has one text: the same input gives the same bytes in whichever order it came, and only these bytes are read.

import {
  closures,
  createEntities,
  decide,
  entityUid,
  type Evaluator,
  parsePolicySources,
  policyDigest,
} from '@cardea/policy'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  buildBundle,
  type BundleParts,
  checkBundleDigest,
  compileBundle,
  parseBundle,
  printBundle,
  proveBundle,
} from '../../src/index.ts'
import { canonicalJson } from '../../src/bundle/canonical-json.ts'
import { codeOf, contentOf, plan } from '../fixture.ts'

const FILES = ['a.cedar', 'B.cedar', 'é.cedar', '😀.cedar', 'ﬀ.cedar'].map((file, at) => ({
  file,
  text: `@id("${at}") permit (principal == User::"${at}", action, resource);\n@id("${at}b") forbid (principal, action, resource) when { context.n == 9223372036854775807 };`,
}))
const SCHEMA_SOURCE = { file: 'schema.cedarschema', text: 'entity User;' }

const PARTS: BundleParts = {
  producer: 'test 1.0.0',
  forbidErrors: 'skip',
  schema: contentOf().schema,
  schemaSource: SCHEMA_SOURCE,
  policies: FILES,
  program: parsePolicySources(FILES).policies,
  plans: [plan],
  digest: await policyDigest(FILES, SCHEMA_SOURCE.text),
}

/** The same value with its members in another order, at every level. */
function shuffled<T>(value: T, order: (length: number) => readonly number[]): T
function shuffled(value: unknown, order: (length: number) => readonly number[]): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Map) return value
  if (Array.isArray(value)) return value.map((item) => shuffled(item, order))
  const entries = Object.entries(value)
  return Object.fromEntries(
    order(entries.length).flatMap((at) => {
      const entry = entries[at]
      return entry === undefined ? [] : [[entry[0], shuffled(entry[1], order)]]
    }),
  )
}

describe('the same input', () => {
  test('in any order of files and members gives the same bytes', () => {
    const once = printBundle(buildBundle(PARTS))
    fc.assert(
      fc.property(
        fc.shuffledSubarray(FILES, { minLength: FILES.length }),
        fc.shuffledSubarray([...PARTS.program], { minLength: PARTS.program.length }),
        fc.func(fc.double({ noNaN: true })),
        (policies, program, weight) => {
          const order = (length: number): readonly number[] =>
            Array.from({ length }, (_, at) => at).toSorted(
              (left, right) => weight(left, length) - weight(right, length),
            )
          const { program: _, policies: __, ...rest } = PARTS
          const bundle = buildBundle({ ...shuffled(rest, order), policies, program })
          expect(printBundle(bundle)).toBe(once)
          expect(printBundle(shuffled(bundle, order))).toBe(once)
        },
      ),
      { numRuns: 200 },
    )
  })

  test('with another part gives other bytes', () => {
    const once = printBundle(buildBundle(PARTS))
    const others: readonly Partial<BundleParts>[] = [
      { producer: 'test 1.0.1' },
      { forbidErrors: 'deny' },
      { digest: 'sha256:0' },
      { plans: [plan, { ...plan, digest: 'other' }] },
      { program: PARTS.program.slice(1) },
      { revision: 1, notAfterSeconds: 1, audience: 'https://documents.example' },
      { revision: 1, notAfterSeconds: 1, audience: 'https://mail.example' },
    ]
    for (const other of others) expect(printBundle(buildBundle({ ...PARTS, ...other }))).not.toBe(once)
  })
})

test('what is printed is read as it was, and compiles', () => {
  const content = buildBundle(PARTS)
  const read = parseBundle(printBundle(content))
  expect(read).toEqual(content)
  expect(parseBundle(Buffer.from(printBundle(content)))).toEqual(content)
  const { program, schema } = compileBundle(read)
  // by file in code unit order
  expect(program.policies.map(({ id }) => id)).toEqual(['1', '1b', '0', '0b', '2', '2b', '3', '3b', '4', '4b'])
  expect(program.forbidErrors).toBe('skip')
  expect(program.schema).toBe(schema)
  // places are places of the texts
  for (const { span } of program.policies) {
    const text = read.policies.find(({ file }) => file === span.file)?.text ?? ''
    expect(text.slice(span.start, span.end)).toMatch(/^@id.*;$/)
  }
})

test('is compiled by the evaluator that is given', () => {
  const kinds = new Set<string>()
  const evaluator: Evaluator = {
    name: 'watched closures',
    compile(node) {
      kinds.add(node.kind)
      return closures.compile(node)
    },
  }
  const { program } = compileBundle(buildBundle(PARTS), { evaluator })
  const uid = entityUid('User', '0')
  const request = { principal: uid, action: entityUid('Action', 'view'), resource: uid, context: new Map() }
  expect(decide(program, { ...request, entities: createEntities([]) }).decision).toBe('allow')
  expect([...kinds]).toContain('equal')
})

test('names that bite are data', () => {
  const attributes = { ['__proto__']: { type: 'Long' }, constructor: { type: 'String' } } as const
  const schema = { ...PARTS.schema, entities: { ...PARTS.schema.entities, User: { parents: [], attributes } } }
  const policies = [{ file: 'a', text: 'permit (principal, action, resource) when { principal.__proto__ > 1 };' }]
  const parts = { ...PARTS, schema, policies, program: parsePolicySources(policies).policies }
  const { content, schema: read } = compileBundle(parseBundle(printBundle(buildBundle(parts))))
  expect(Object.keys(read.entityType('User')?.attributes ?? {})).toEqual(['__proto__', 'constructor'])
  expect(Object.getPrototypeOf(content.schema.entities)).toBe(null)
  expect(read.entityType('constructor')).toBe(undefined)
})

test('half a character in a text comes back', () => {
  const policies = [{ file: 'a', text: 'permit (principal == User::"\ud800", action, resource); // \udfff' }]
  const content = buildBundle({ ...PARTS, policies, program: parsePolicySources(policies).policies })
  expect(parseBundle(Buffer.from(printBundle(content)))).toEqual(content)
})

describe('another text of the same content', () => {
  const text = printBundle(buildBundle(PARTS))
  const ROWS: Record<string, string | Uint8Array> = {
    'with white space': ` ${text}`,
    'with a line end': `${text}\n`,
    indented: JSON.stringify(JSON.parse(text), null, 2),
    'with members in another order': JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).toReversed())),
    'with a member twice': text.replace('"format":3', '"format":3,"format":3'),
    'with a member that only another parser sees': text.replace(
      '"format":3',
      '"forbidErrors":"deny","forbidErrors":"skip","format":3',
    ),
    'with `__proto__`': text.replace('"entities":{', '"entities":{"__proto__":{"parents":[]},'),
    'with a number in another form': text.replace('"format":3', '"format":3.0'),
    'with an escape': text.replace('"test 1.0.0"', String.raw`"test 1.0.\u0030"`),
    'with a byte order mark': `\ufeff${text}`,
    'that is no UTF-8': Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0xff, 0x7d])]),
    'cut off': text.slice(0, -1),
    'nested without end': text.replace('"test 1.0.0"', `${'['.repeat(100_000)}${']'.repeat(100_000)}`),
    'with a list nested without end': text.replace(
      /"element"|"plans":\[/,
      (found) => `${found}${'['.repeat(100_000)}${']'.repeat(100_000)},`,
    ),
  }
  test.each(Object.entries(ROWS))('%s is refused', async (_, other) => {
    expect(typeof other === 'string' ? other : '').not.toBe(text)
    expect(await codeOf(() => parseBundle(other))).toBe('ERR_FEED_BUNDLE_FORMAT')
  })

  test('is refused whatever was changed in it, or it is another content', () => {
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.constantFrom(...Array.from('0123456789 {}[],:"ax-.eE\\')),
        (at, character) => {
          fc.pre(text[at] !== character)
          const changed = text.slice(0, at) + character + text.slice(at + 1)
          try {
            expect(printBundle(parseBundle(changed))).toBe(changed)
          } catch (error) {
            expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_FEED_BUNDLE_(?:FORMAT|VERSION)$/) })
          }
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('the proof', () => {
  const file = 'a.cedar'
  const honest = async (text: string, trees = text): Promise<BundleParts> => ({
    ...PARTS,
    policies: [{ file, text }],
    program: parsePolicySources([{ file, text: trees }]).policies,
    digest: await policyDigest([{ file, text }], SCHEMA_SOURCE.text),
  })
  const TEXT = '@id("a") permit (principal, action, resource) when { context.n > 10 };'
  const ROWS: Record<string, readonly [parts: () => Promise<BundleParts>, code: string]> = {
    'holds of what was built from its texts': [() => honest(TEXT), 'none'],
    'holds of several files': [() => Promise.resolve(PARTS), 'none'],
    'fails for another number': [() => honest(TEXT, TEXT.replace('10', '90')), 'ERR_FEED_BUNDLE_TEXTS'],
    'fails for another effect': [() => honest(TEXT, TEXT.replace('permit', 'forbid')), 'ERR_FEED_BUNDLE_TEXTS'],
    'fails for another place': [() => honest(TEXT, TEXT.replace(' 10 ', '10  ')), 'ERR_FEED_BUNDLE_TEXTS'],
    'fails for a policy less': [
      () => honest(`${TEXT} permit (principal, action, resource);`, TEXT),
      'ERR_FEED_BUNDLE_TEXTS',
    ],
    'fails for a text that does not parse': [() => honest('permit ();', ''), 'ERR_FEED_BUNDLE_TEXTS'],
    'fails for another digest': [
      async () => ({ ...(await honest(TEXT)), digest: 'sha256:0' }),
      'ERR_FEED_BUNDLE_DIGEST',
    ],
    'fails for another text of the schema': [
      async () => ({ ...(await honest(TEXT)), schemaSource: { ...SCHEMA_SOURCE, text: 'entity Admin;' } }),
      'ERR_FEED_BUNDLE_DIGEST',
    ],
  }
  test.each(Object.entries(ROWS))('%s', async (_, [parts, code]) => {
    const content = buildBundle(await parts())
    expect(await codeOf(() => proveBundle(content))).toBe(code)
    if (code !== 'ERR_FEED_BUNDLE_DIGEST') expect(await codeOf(() => checkBundleDigest(content))).toBe('none')
  })

  test('fails for a policy more, and for an encoding that is not the one', async () => {
    const content = buildBundle(await honest(TEXT))
    const { program } = content
    const more = { ...content, program: { ...program, texts: [...program.texts, 'never said'] } }
    await expect(proveBundle(more)).rejects.toMatchObject({
      code: 'ERR_FEED_BUNDLE_TEXTS',
      message: expect.stringMatching(/another one/),
    })
    const policy = 'permit (principal, action, resource);'
    const hidden = buildBundle(await honest(`${TEXT}// ${' '.repeat(policy.length)}`, TEXT + policy))
    await expect(proveBundle(hidden)).rejects.toMatchObject({
      code: 'ERR_FEED_BUNDLE_TEXTS',
      message: expect.stringMatching(/a policy more/),
    })
    const broken = { ...content, program: { ...program, policies: program.policies.slice(1) } }
    await expect(proveBundle(broken)).rejects.toMatchObject({ code: 'ERR_FEED_BUNDLE_FORMAT' })
  })

  test('names the policy', async () => {
    const content = buildBundle(await honest(TEXT, TEXT.replace('10', '90')))
    await expect(proveBundle(content)).rejects.toMatchObject({ message: expect.stringContaining('`a` of `a.cedar`') })
  })
})

describe('canonical JSON', () => {
  // RFC 8785 section 3.2.2 and 3.2.3
  const ROWS: Record<string, readonly [unknown, string]> = {
    numbers: [[333333333.3333333, 1e30, 4.5, 2e-3, 1e-27, -0], '[333333333.3333333,1e+30,4.5,0.002,1e-27,0]'],
    strings: ['\u20ac$\u000f\nA\'B"\\\\"/', String.raw`"€$\u000f\nA'B\"\\\\\"/"`],
    'names in code unit order': [
      { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 },
      '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}',
    ],
    'nested members': [[{ b: [{ d: null, c: true }], a: undefined }], '[{"b":[{"c":true,"d":null}]}]'],
  }
  test.each(Object.entries(ROWS))('%s', (_, [value, text]) => {
    expect(canonicalJson(value)).toBe(text)
  })

  test('is JSON of the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  test('of a value nested too deeply is refused', () => {
    let value: unknown = {}
    for (let level = 0; level < 300; level++) value = [value]
    expect(() => canonicalJson(value)).toThrow(RangeError)
  })
})
