// Annotations: what has an effect, and what only looks as if it had.

import { parsePolicies } from '@cardea/policy'
import { describe, expect, it } from 'vitest'
import { annotationsIn } from '../../src/check/annotations-in.ts'
import { checkAnnotations } from '../../src/check/check-annotations.ts'

const SCHEMA = 's.cedarschema'

function check(schema: string, policies = ''): readonly string[] {
  const source = { file: 'p.cedar', text: policies }
  const texts: Readonly<Record<string, string>> = { [SCHEMA]: schema, 'p.cedar': policies }
  return checkAnnotations(
    { file: SCHEMA, text: schema },
    [source],
    parsePolicies(policies, { file: source.file }).policies,
  ).map(({ code, severity, hint, span }) => {
    const place = texts[span?.file ?? '']?.slice(span?.start, span?.end)
    return `${severity} ${code.replace(/^ERR_(?:VALIDATE_)?/, '')} ${place}: ${hint}`
  })
}

const P = 'permit (principal, action, resource);'
const MEANT = (name: string) => `did you mean \`@${name}\`?`

describe('a schema', () => {
  it.each<[string, readonly string[]]>([
    ['@reveal @sensitive @maxStale("5s") @doc("x") action a;', []],
    [
      '@addressMismatch("log") @certificateMismatch("step-up") @keyMismatch("deny") @tenantMismatch("log") action a;',
      [],
    ],
    [
      '@adressMismatch("log") action a;',
      [`warning ANNOTATION_NAME @adressMismatch("log"): ${MEANT('addressMismatch')}`],
    ],
    ['@keyMismatch("log") entity U;', ['warning ANNOTATION_PLACE @keyMismatch("log"): it stands on an action']],
    [
      '@tenantMismatch("allow") action a;',
      [
        'error SCHEMA_ANNOTATION @tenantMismatch("allow"): write `@tenantMismatch("step-up")`: `deny`, `step-up` or `log`; without it `deny`',
      ],
    ],
    ['@loggable entity U { @loggable name: String, @doc("x") @loggable "odd name"?: Long };', []],
    ['@doc("x") namespace N { @doc("y") type T = { @loggable a: Bool }; }', []],
    ['@owner("team-a") @severity("high") action a;', []],
    ['// @reveall\naction a appliesTo { principal: U, resource: U, context: {} }; @doc("@reveall") entity U;', []],
    ['@reveall action a;', [`warning ANNOTATION_NAME @reveall: ${MEANT('reveal')}`]],
    ['@maxstale("5s") action a;', [`warning ANNOTATION_NAME @maxstale("5s"): ${MEANT('maxStale')}`]],
    ['entity U { @logable name: String };', [`warning ANNOTATION_NAME @logable: ${MEANT('loggable')}`]],
    ['@reveal entity U;', ['warning ANNOTATION_PLACE @reveal: it stands on an action']],
    ['@loggable action a;', ['warning ANNOTATION_PLACE @loggable: it stands on an entity type or an attribute']],
    // an attribute may have the name of a keyword
    ['entity U { @sensitive action: String };', ['warning ANNOTATION_PLACE @sensitive: it stands on an action']],
    ['@reveal("no") action a;', ['error SCHEMA_ANNOTATION @reveal("no"): write `@reveal`: none']],
    [
      '@maxStale ( "s\\u{6f}on" ) action a;',
      [
        'error SCHEMA_ANNOTATION @maxStale ( "s\\u{6f}on" ): write `@maxStale("10s")`: a length of time above zero, in the units of `duration`',
      ],
    ],
  ])('%s', (text, expected) => {
    expect(check(text)).toEqual(expected)
  })
})

describe('policies', () => {
  it.each<[string, readonly string[]]>([
    [`@id("a") @doc("x") @advice("network") ${P}`, []],
    [`@ticket("42") ${P}`, []],
    [`@id("@advise") ${P} // @advise`, []],
    [`@advise("network") ${P}`, [`warning ANNOTATION_NAME @advise("network"): ${MEANT('advice')}`]],
    [`@id("a") ${P}\n@reveal ${P}`, ['warning ANNOTATION_PLACE @reveal: it stands on an action']],
  ])('%s', (text, expected) => {
    expect(check('', text)).toEqual(expected)
  })

  it('with advice that means nothing are shown where it stands', () => {
    const text = `@id("a") ${P}\n@id("b") @advice("Call Bob!") ${P}\n@id("c") @advice("request_grant:template=a") ${P}`
    expect(check('', text)).toEqual([
      expect.stringMatching(/^error POLICY_ANNOTATION @advice\("Call Bob!"\): write /),
      'error POLICY_ANNOTATION @advice("request_grant:template=a"): name a `permit` template, by its `@id`',
    ])
  })
})

it('of a text that is no Cedar are those that can be made out', () => {
  const text = '@ @a("b" permit @c permit @d'
  expect(annotationsIn({ file: 'x', text }).map(({ name }) => name)).toEqual(['a', 'c'])
  expect(annotationsIn({ file: 'x', text: '' })).toEqual([])
})
