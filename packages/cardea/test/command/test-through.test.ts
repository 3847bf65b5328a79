// `cardea test --through`: a stock OPA over REST and in WebAssembly against the policies, and every way in which that is no comparison.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { runCommand } from '../../../../tools/command.ts'
import { type OpaServer, requireOpa, startOpa } from '../../../../tools/opa.ts'
import { freePort, makeProject } from '../support/project.ts'
import { cardea, errorOf, PLANTED_SECRET } from '../support/run.ts'

vi.setConfig({ testTimeout: 60_000 })

/** As the policies of the template, but that every reader of the tenant may also edit. */
const APP = `package app

import rego.v1

default allow := false

allow if strict

# a reader may also edit: what the policies do not allow
allow if {
	not other_tenant
	some link in input.links
	link.resource == input.resource
}

default strict := false

strict if {
	not other_tenant
	attrs(input.resource).owner.__entity == input.principal
}

strict if {
	not other_tenant
	input.action.id == "view"
	some link in input.links
	link.template == "viewer"
	link.resource == input.resource
}

other_tenant if attrs(input.principal).tenant != attrs(input.resource).tenant

attrs(uid) := entity.attrs if {
	some entity in input.entities
	entity.uid == uid
}

# of another input
owned if {
	input.user == "ann"
	input.verb in {"view", "edit"}
}

verdict := {"allow": false, "reasons": ["closed today"]}
`

let server: Server
let result: unknown = true
const authorizations: (string | undefined)[] = []
let url = ''

beforeAll(async () => {
  server = createServer((request, response) => {
    authorizations.push(request.headers.authorization)
    request.resume().on('end', () => response.end(JSON.stringify(result === undefined ? {} : { result })))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  url = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}/v1/data/app/allow` : ''
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

describe('a stock OPA', () => {
  it('over REST: what only the OPA allows comes first', async ({ skip }) => {
    const command = await requireOpa(skip)
    const cwd = await makeProject({ 'app.rego': APP })
    const opa: OpaServer = await startOpa({ command, args: [join(cwd, 'app.rego')] })
    try {
      const { code, stdout, stderr } = await cardea(['test', '--through', `${opa.url}/v1/data/app/allow`], { cwd })
      expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
      expect(stdout).toMatch(
        /^allowed only through the OPA\nas +in +action +on +policies +OPA +expected\nbob +edit +hello +deny +allow +deny\n/,
      )
      expect(stdout).toMatch(/\n5 alike, 1 allowed only through the OPA, 0 allowed only by the policies\n$/)
      const strict = await cardea(['test', '--through', `${opa.url}/v1/data/app/strict`], { cwd })
      expect(strict.stdout).toMatch(/^6 alike, 0 allowed only through the OPA, 0 allowed only by the policies\n$/)
      expect(strict.code).toBe(0)
      const lost = await cardea(['test', '--through', `${opa.url}/v1/data/app/alow`], { cwd })
      expect(lost.stdout).toContain('the OPA says nothing of any cell (ERR_OPA_UNDEFINED)')
      expect(lost.code).toBe(1)
    } finally {
      await opa.stop()
    }
  })

  it('in WebAssembly, with another input, for chosen actions, as data', async ({ skip }) => {
    const command = await requireOpa(skip)
    const cwd = await makeProject({
      'app.rego': APP,
      'input.ts':
        'export const input = ({ principal, action }: Record<string, { id: string }>) => ({ user: principal.id, verb: action.id })\n',
    })
    const flags = ['strict', 'owned', 'verdict'].flatMap((name) => ['-e', `app/${name}`])
    const built = await runCommand(command, ['build', '-t', 'wasm', ...flags, 'app.rego', '-o', 'app.tar.gz'], cwd)
    expect(built).toMatchObject({ code: 0 })
    const through = ['test', '--through', 'app.tar.gz', '--entrypoint']
    expect(await cardea([...through, 'app/strict'], { cwd })).toMatchObject({ code: 0, stderr: '' })
    const owned = [...through, 'app/owned', '--input', 'input.ts', '--action', 'edit', '--json']
    const { code, stdout } = await cardea(owned, { cwd })
    expect(JSON.parse(stdout)).toEqual({
      through: 'app.tar.gz',
      same: 3,
      undefined: false,
      onlyThrough: [],
      onlyPolicies: [],
      unanswered: [],
    })
    expect(code).toBe(0)
    const verdict = await cardea([...through, 'app/verdict', '--json'], { cwd })
    expect(verdict.code).toBe(1)
    expect(JSON.parse(verdict.stdout)).toMatchObject({
      same: 3,
      onlyPolicies: expect.arrayContaining([
        {
          key: 'ann /  / hello / view',
          expected: { decision: 'allow', because: 'owner-edits' },
          policies: { decision: 'allow', determining: ['owner-edits'] },
          through: { decision: 'deny', determining: ['closed today'], errors: [] },
        },
      ]) as unknown,
    })
    const none = errorOf(await cardea(['test', '--through', 'app.tar.gz'], { cwd }))
    expect(none.text).toMatch(/\(ERR_OPA_WASM\)\nhint .*app\/strict/)
  })
})

describe('a server', () => {
  it.each<[string, unknown, RegExp]>([
    [
      'answers nonsense',
      'true',
      /^not answered\n[^]*bob +view +hello +allow \(viewer\) +deny \(ERR_OPA_ANSWER\)[^]*, 6 not answered\n$/,
    ],
    ['says nothing', undefined, /ERR_OPA_UNDEFINED/],
    [
      'denies all',
      false,
      /^allowed only by the policies\n[^]*\n3 alike, 0 allowed only through the OPA, 3 allowed only by the policies\n$/,
    ],
  ])('that %s is a difference', async (_name, answer, expected) => {
    result = answer
    const { code, stdout } = await cardea(['test', '--through', url], { cwd: await makeProject() })
    expect(stdout).toMatch(expected)
    expect(code).toBe(1)
  })

  it('that is down', async () => {
    const address = `http://127.0.0.1:${await freePort()}/v1/data/app/allow`
    const { code, stdout } = await cardea(['test', '--through', address], { cwd: await makeProject() })
    expect(stdout).toContain('6 not answered')
    expect(code).toBe(1)
  })

  it('gets the token of the environment, which is nowhere shown', async () => {
    result = true
    const env = { CARDEA_OPA_TOKEN: PLANTED_SECRET }
    const { stdout } = await cardea(['test', '--through', url], { cwd: await makeProject(), env })
    expect(authorizations.at(-1)).toBe(`Bearer ${PLANTED_SECRET}`)
    expect(stdout).not.toContain(PLANTED_SECRET)
  })
})

describe('refused', () => {
  it.each<[string, readonly string[], string]>([
    ['plain http to elsewhere', ['--through', 'http://opa:8181/v1/data/app/allow'], 'ERR_OPA_URL'],
    ['an address without a rule', ['--through', 'http://127.0.0.1:1/'], 'ERR_COMMAND_USAGE'],
    [
      'an address with an entrypoint',
      ['--through', 'http://127.0.0.1:1/v1/data/a', '--entrypoint', 'a'],
      'ERR_COMMAND_USAGE',
    ],
    ['a file that is not there', ['--through', 'none.tar.gz'], 'ERR_COMMAND_FILE'],
    ['a file that is no bundle', ['--through', 'policy/policy.test.yaml'], 'ERR_OPA_WASM'],
    [
      'a module that is not there',
      ['--through', 'http://127.0.0.1:1/v1/data/a', '--input', 'none.ts'],
      'ERR_COMMAND_INPUT',
    ],
    [
      'a module without `input`',
      ['--through', 'http://127.0.0.1:1/v1/data/a', '--input', 'empty.ts'],
      'ERR_COMMAND_INPUT',
    ],
    [
      'an action that no cell asks for',
      ['--through', 'http://127.0.0.1:1/v1/data/a', '--action', 'publish'],
      'ERR_COMMAND_USAGE',
    ],
    ['an entrypoint of nothing', ['--entrypoint', 'a'], 'ERR_COMMAND_USAGE'],
    ['actions of nothing', ['--action', 'view'], 'ERR_COMMAND_USAGE'],
  ])('%s', async (_name, args, expected) => {
    const cwd = await makeProject({ 'empty.ts': 'export const other = 1\n' })
    const { code, text } = errorOf(await cardea(['test', ...args], { cwd }))
    expect(code).toBe(1)
    expect(text).toContain(`(${expected})`)
  })
})
