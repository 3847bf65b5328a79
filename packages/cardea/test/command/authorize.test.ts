// `cardea authorize` against published cases of Cedar, in the file formats of Cedar's own tool.

import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parsePolicies } from '@cardea/policy'
import { describe, expect, it } from 'vitest'
import { type Files, makeFolder, writeFiles } from '../support/project.ts'
import { cardea, errorOf, PLANTED_SECRET } from '../support/run.ts'

interface Uid {
  readonly type: string
  readonly id: string
}

interface CaseRequest {
  readonly principal: Uid
  readonly action: Uid
  readonly resource: Uid
  readonly context: object
  readonly decision: 'allow' | 'deny'
  readonly reason: readonly string[]
}

interface Case {
  readonly id: string
  readonly policy: string
  readonly schema?: string
  readonly entities: readonly object[]
  readonly links?: readonly CaseLink[]
  readonly requests: readonly CaseRequest[]
}

interface CaseLink {
  readonly id: string
  readonly template: string
  readonly principal?: Uid
  readonly resource?: Uid
}

const CASES = (
  JSON.parse(readFileSync(new URL('../../../../conformance/cedar/examples.json', import.meta.url), 'utf8')) as Case[]
).map(withAnnotatedIds)

/** The cases count policies, as Cedar's library does; Cedar's tool calls a policy by its `@id`. */
function withAnnotatedIds({ links, requests, ...rest }: Case): Case {
  const ids = parsePolicies(rest.policy).policies.map(({ id }) => id)
  const named = (id: string): string => ids[Number(/^policy(\d+)$/.exec(id)?.[1])] ?? id
  return {
    ...rest,
    requests: requests.map((request) => ({ ...request, reason: request.reason.map(named) })),
    ...(links === undefined ? {} : { links: links.map((link) => ({ ...link, template: named(link.template) })) }),
  }
}

const text = ({ type, id }: Uid): string => `${type}::${JSON.stringify(id)}`

/** The files of a case, and the arguments that name them. */
async function makeCase({ policy, schema, entities, links }: Omit<Case, 'id' | 'requests'>, more: Files = {}) {
  const files: Record<string, string> = {
    'policies.cedar': policy,
    'entities.json': JSON.stringify(entities),
    ...(schema === undefined ? {} : { 'schema.cedarschema': schema }),
    ...(links === undefined
      ? {}
      : {
          'links.json': JSON.stringify(
            links.map(({ id, template, principal, resource }) => ({
              template_id: template,
              link_id: id,
              args: {
                ...(principal === undefined ? {} : { '?principal': text(principal) }),
                ...(resource === undefined ? {} : { '?resource': text(resource) }),
              },
            })),
          ),
        }),
    ...more,
  }
  const args = ['authorize', '-p', 'policies.cedar', '--entities', 'entities.json']
  if (schema !== undefined) args.push('-s', 'schema.cedarschema')
  if (links !== undefined) args.push('-k', 'links.json')
  return { cwd: await makeFolder(files), args }
}

/** One allowed and one denied request of every published example. */
const ROWS = CASES.flatMap(({ requests, ...rest }) =>
  (['allow', 'deny'] as const).flatMap((decision) => {
    const request = requests.find((one) => one.decision === decision)
    return request === undefined ? [] : [[`${rest.id}: ${decision}`, rest, request] as const]
  }),
)

describe.concurrent('published cases', () => {
  it('are there, with and without schema and links', () => {
    expect(ROWS.length).toBeGreaterThanOrEqual(14)
    expect(CASES.some(({ links }) => links !== undefined)).toBe(true)
    expect(CASES.some(({ schema }) => schema === undefined)).toBe(true)
  })

  it.each(ROWS)('%s', async (_name, files, { principal, action, resource, context, decision, reason }) => {
    const request = { principal, action, resource, context }
    const { cwd, args } = await makeCase(files, { 'request.json': JSON.stringify(request) })
    const { code, stdout, stderr } = await cardea([...args, '--request-json', 'request.json', '--json'], { cwd })
    expect({ code, stderr }).toEqual({ code: decision === 'allow' ? 0 : 2, stderr: '' })
    const answer = JSON.parse(stdout) as { decision: string; determining: string[] }
    expect({ ...answer, determining: answer.determining.toSorted() }).toMatchObject({
      decision,
      determining: [...reason].sort(),
    })
  })
})

const POLICY = `@id("owner") permit (principal, action == Action::"view", resource) when { resource.owner == principal };
@id("small") forbid (principal, action, resource) when { resource.size > 9223372036854775806 };
`
const SCHEMA = `entity User; entity Note { owner: User, size: Long };
action view appliesTo { principal: [User], resource: [Note], context: { mfa: Bool } };
`
const note = (id: string, attrs: object): object => ({ uid: { type: 'Note', id }, attrs, parents: [] })
const ANN = { __entity: { type: 'User', id: 'ann' } }
const ENTITIES = [
  { uid: { type: 'User', id: 'ann' }, attrs: {}, parents: [] },
  note('hers', { owner: ANN, size: 1 }),
  note('unsized', { owner: ANN }),
]
const ASK = ['-l', 'User::"ann"', '-a', 'Action::"view"', '-r', 'Note::"hers"']

describe.concurrent('cardea authorize', () => {
  const project = () => makeCase({ policy: POLICY, entities: ENTITIES })
  const typed = () => makeCase({ policy: POLICY, schema: SCHEMA, entities: ENTITIES.slice(0, 2) })

  it('takes the request from options, and says why', async () => {
    const { cwd, args } = await project()
    const long = ['--principal', 'User::"bob"', '--action', 'Action::"view"', '--resource', 'Note::"hers"']
    const [allowed, denied] = await Promise.all([
      cardea([...args, ...ASK], { cwd }),
      cardea([...args, ...long], { cwd }),
    ])
    expect(allowed).toEqual({ code: 0, stdout: 'ALLOW\n  because of owner\n', stderr: '' })
    expect(denied).toEqual({ code: 2, stdout: 'DENY\nno policy applied: deny is the default\n', stderr: '' })
  })

  it('reads the context by the schema', async () => {
    const { cwd, args } = await typed()
    await writeFiles(cwd, { 'context.json': '{ "mfa": true }' })
    expect(await cardea([...args, ...ASK, '-c', 'context.json'], { cwd })).toMatchObject({ code: 0 })
  })

  it("says when a guard's rule for a policy that errs would deny", async () => {
    const { cwd, args } = await project()
    const ask = [...ASK.slice(0, -1), 'Note::"unsized"']
    const { code, stdout, stderr } = await cardea([...args, ...ask], { cwd })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^ALLOW\n {2}because of owner\n {2}small could not be decided: .+\n$/)
    expect(stderr).toMatch(/^warning: a forbid could not be decided\. .*a guard denies/)
    const json = await cardea([...args, ...ask, '--json'], { cwd })
    expect(JSON.parse(json.stdout)).toMatchObject({ decision: 'allow', decisionUnderDeny: 'deny' })
  })

  it('keeps integers beyond 2^53 exact', async () => {
    const owner = JSON.stringify(ANN)
    const entities = `[{ "uid": { "type": "Note", "id": "hers" }, "attrs": { "owner": ${owner}, "size": SIZE }, "parents": [] }]`
    const { cwd, args } = await project()
    const codes = []
    for (const size of ['9223372036854775806', '9223372036854775807']) {
      await writeFiles(cwd, { 'entities.json': entities.replace('SIZE', size) })
      codes.push((await cardea([...args, ...ASK], { cwd })).code)
    }
    expect(codes).toEqual([0, 2])
  })

  it.each([
    ['no request', [], {}, 'ERR_COMMAND_USAGE', 'there is no request to decide'],
    ['half a request', ASK.slice(0, 4), {}, 'ERR_COMMAND_USAGE', 'there is no request to decide'],
    ['two requests', [...ASK, '--request-json', 'r.json'], {}, 'ERR_COMMAND_USAGE', 'cannot be used with'],
    ['a request file that is missing', ['--request-json', 'none.json'], {}, 'ERR_COMMAND_FILE', '`none.json` does not'],
    [
      'a request file that is no JSON',
      ['--request-json', 'r.json'],
      { 'r.json': `{ "principal": ${PLANTED_SECRET} }` },
      'ERR_COMMAND_INPUT',
      'it is not JSON (line 1, column 16)',
    ],
    [
      'a request file with another member',
      ['--request-json', 'r.json'],
      {
        'r.json':
          '{ "principal": "User::\\"a\\"", "action": "Action::\\"view\\"", "resource": "Note::\\"x\\"", "ctx": {} }',
      },
      'ERR_COMMAND_INPUT',
      'the request file is not valid',
    ],
    ['a name that is no entity', ['-l', 'ann', ...ASK.slice(2)], {}, 'ERR_COMMAND_INPUT', '`ann` is not an entity'],
    ['policies with errors', ASK, { 'policies.cedar': 'permit (' }, 'ERR_COMMAND_POLICY', 'policies.cedar:1:'],
    ['entities that are none', ASK, { 'entities.json': '{}' }, 'ERR_POLICY_ENTITY', 'entities must be a list'],
    [
      'a link to no template',
      [...ASK, '-k', 'k.json'],
      { 'k.json': '[{ "template_id": "none", "link_id": "l", "args": {} }]' },
      'ERR_COMMAND_POLICY',
      'none',
    ],
    [
      'a link file that is none',
      [...ASK, '-k', 'k.json'],
      { 'k.json': '{}' },
      'ERR_COMMAND_INPUT',
      'template-link file',
    ],
  ])('exits 1 for %s', async (_name, more, files, errorCode, expected) => {
    const { cwd, args } = await project()
    await writeFiles(cwd, files)
    const result = await cardea([...args, ...more], { cwd })
    const error = errorOf(result)
    expect({ code: error.code, stdout: result.stdout }).toEqual({ code: 1, stdout: '' })
    expect(error.text).toContain(`(${errorCode}`)
    expect(error.text).toContain(expected)
  })

  it.each([
    [
      'a context that the schema does not know',
      ['-c', 'wrong.json'],
      "the context's `mfa`: a value must be of type `Bool`",
    ],
    ['a context without what it requires', [], 'the request does not fit the schema'],
    [
      'an action that is not for such a resource',
      ['-r', 'User::"ann"', '-c', 'right.json'],
      'cannot be done on a `User`',
    ],
  ])('exits 1, by the schema, for %s', async (_name, more, expected) => {
    const { cwd, args } = await typed()
    await writeFiles(cwd, { 'wrong.json': '{ "mfa": "yes" }', 'right.json': '{ "mfa": true }' })
    const { code, text } = errorOf(await cardea([...args, ...ASK, ...more], { cwd }))
    expect(code).toBe(1)
    expect(text).toContain(expected)
  })

  it('exits 1 for an entity that does not fit the schema, and for a schema with errors', async () => {
    const { cwd, args } = await makeCase({ policy: POLICY, schema: SCHEMA, entities: ENTITIES })
    await writeFiles(cwd, { 'right.json': '{ "mfa": true }' })
    const entity = errorOf(await cardea([...args, ...ASK, '-c', 'right.json'], { cwd }))
    expect(entity).toMatchObject({ code: 1, text: expect.stringContaining('`Note::"unsized"`: ') })
    await writeFiles(cwd, { 'schema.cedarschema': 'entity' })
    const schema = errorOf(await cardea([...args, ...ASK, '-c', 'right.json'], { cwd }))
    expect(schema).toMatchObject({ code: 1, text: expect.stringContaining('schema.cedarschema:1:') })
  })

  it('decides the first screen of the documents example', async () => {
    const folder = new URL('../../../../examples/documents/policy/', import.meta.url)
    const [policy, schema] = await Promise.all(
      ['policies.cedar', 'schema.cedarschema'].map((name) => readFile(new URL(name, folder), 'utf8')),
    )
    const office = { __extn: { fn: 'ip', arg: '10.1.0.0/16' } }
    const tenant = { __entity: { type: 'Tenant', id: 'acme' } }
    const attrs = { tenant, networks: { office, vpn: office }, external: false }
    const { cwd, args } = await makeCase({
      policy: policy ?? '',
      schema: schema ?? '',
      entities: [
        { uid: { type: 'User', id: 'ann' }, attrs, parents: [] },
        {
          uid: { type: 'Document', id: 'plan' },
          attrs: { tenant, owner: ANN, classified: true, shared: false },
          parents: [],
        },
      ],
    })
    await writeFiles(cwd, { 'in.json': '{ "ip": "10.1.2.3" }', 'out.json': '{ "ip": "203.0.113.9" }' })
    const ask = [...args, '-l', 'User::"ann"', '-a', 'Action::"view"', '-r', 'Document::"plan"', '-c']
    const [inside, outside] = await Promise.all([
      cardea([...ask, join(cwd, 'in.json')], { cwd }),
      cardea([...ask, join(cwd, 'out.json')], { cwd }),
    ])
    expect(inside).toMatchObject({ code: 0, stdout: 'ALLOW\n  because of owner-manages\n' })
    expect(outside).toMatchObject({ code: 2, stdout: 'DENY\n  because of classified-needs-office\n' })
  })
})
