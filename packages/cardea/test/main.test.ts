// The program itself: help, version, and what it says to words that it does not know.

import { describe, expect, it } from 'vitest'
import { makeFolder } from './support/project.ts'
import { cardea, errorOf } from './support/run.ts'

const cwd = await makeFolder()

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  init: ['[folder]', '--json'],
  dev: ['--url', '--once', '--config'],
  serve: ['--url', '--store', '--init', '--recover', '--config'],
  check: ['--config', '--json'],
  test: ['--config', '--strict', '--json', '--through', '--entrypoint', '--input', '--action'],
  generate: ['--config', '--check'],
  diff: ['--samples', '--seed', '--exit-code', '--reasons', '--limit', '--config', '--json'],
  bundle: ['--out', '--config', '--json', 'inspect', 'verify'],
  'bundle inspect': ['<file>', '--json'],
  'bundle verify': ['<file>', '--keys', '--json'],
  authorize: [
    '--policies',
    '--entities',
    '--request-json',
    '--principal',
    '--action',
    '--resource',
    '--context',
    '--schema',
    '--template-linked',
    '--json',
  ],
  explain: [
    '--policies',
    '--entities',
    '--request-json',
    '--principal',
    '--action',
    '--resource',
    '--context',
    '--schema',
    '--template-linked',
    '--forbid-errors',
    '--test',
    '--config',
    '--limit',
    '--json',
  ],
  token: ['--as', '--mfa', '--audience', '--config', '--json', 'inspect'],
  'token inspect': [
    '[token]',
    '--issuer',
    '--audience',
    '--jwks',
    '--bundle',
    '--grant-set',
    '--type',
    '--config',
    '--json',
  ],
  grant: ['add', 'list', 'remove'],
  'grant add': ['<template>', '<grantee>', '<resource>', '--tenant', '--until', '--config', '--json'],
  'grant list': ['--tenant', '--config', '--json'],
  'grant remove': ['<id>', '--config', '--json'],
  revoke: ['--session', '--principal', '--tenant', '--token', '--issuer', '--client', '--grant', '--all', '--json'],
  keys: ['list', 'rotate', 'kill', 'reseal'],
  'keys list': ['--config', '--json'],
  'keys rotate': ['--use', '--now', '--config', '--json'],
  'keys kill': ['<kid>', '--outage', '--config', '--json'],
  'keys reseal': ['--config', '--json'],
  opa: ['config', 'rego'],
  'opa config': ['--audience', '--client', '--keys', '--config', '--json'],
  'opa rego': ['--out', '--config', '--json'],
  publish: ['--if-revision', '--now', '--config', '--json'],
  log: ['--denied', '--since', '--limit', '--config', '--json'],
  audit: ['verify', 'export', 'erase'],
  'audit verify': ['[file]', '--keys', '--config', '--json'],
  'audit export': ['--output', '--config'],
  'audit erase': ['<entity>', '--tenant', '--config', '--json'],
  doctor: ['--keys', '--config', '--json'],
  fleet: ['--watch', '--config', '--json'],
  config: ['--config', '--json'],
}

describe.concurrent('--help', () => {
  it('of the program lists every command', async () => {
    const { code, stdout, stderr } = await cardea(['--help'], { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const listed = [...stdout.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, name = '']) => name)
    expect(listed.sort()).toEqual(
      Object.keys(COMMANDS)
        .filter((name) => !name.includes(' '))
        .sort(),
    )
  })

  it.each(Object.entries(COMMANDS))('of `%s` names all it takes', async (name, words) => {
    const { code, stdout, stderr } = await cardea([...name.split(' '), '--help'], { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`Usage: cardea ${name}`)
    const isNamed = (word: string): boolean => stdout.split(/[\s,]+/).includes(word)
    expect(words.filter((word) => !isNamed(word))).toEqual([])
    const options = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option)
    expect(options.filter((option) => option !== '--help' && !words.includes(option ?? ''))).toEqual(
      // said once for all commands that have it
      name === 'revoke' ? ['--config'] : [],
    )
  })

  it('is also `help COMMAND`', async () => {
    const [help, flag] = await Promise.all([cardea(['help', 'check'], { cwd }), cardea(['check', '--help'], { cwd })])
    expect(help).toEqual(flag)
  })

  it.each([['--help'], ['--version'], ['nosuch']])('`%s` loads no package but two small ones', async (word) => {
    // a hook in the process itself sees every module that is loaded
    const hook = `
      import { registerHooks } from 'node:module'
      const packages = new Set()
      registerHooks({ load(url, context, next) {
        const [, name] = /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url) ?? /packages\\/([^/]+)\\/(?:src|bin)/.exec(url) ?? []
        if (name !== undefined) packages.add(name)
        return next(url, context)
      } })
      process.on('exit', () => console.log('LOADED ' + [...packages].sort().join(' ')))`
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hook)}` }
    const { stdout } = await cardea([word], { cwd, env })
    expect(/LOADED (.*)/.exec(stdout)?.[1]).toBe('cardea commander picocolors')
  })
})

describe.concurrent('the command line', () => {
  it('shows its version', async () => {
    expect(await cardea(['--version'], { cwd })).toEqual({ code: 0, stdout: '0.1.0\n', stderr: '' })
  })

  it.each([[[]], [['grant']], [['keys']]])('%j alone shows the help and fails', async (args) => {
    const { code, stdout, stderr } = await cardea(args, { cwd })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^Usage: cardea/)
  })

  it.each([
    ['an unknown command', ['nosuch'], 'unknown command `nosuch`', 'run it with --help'],
    ['a near miss of a command', ['chek'], 'unknown command `chek`', 'did you mean `check`?'],
    ['an unknown option', ['check', '--nosuch'], 'unknown option `--nosuch`', 'run it with --help'],
    ['a near miss of an option', ['check', '--jso'], 'unknown option `--jso`', 'did you mean `--json`?'],
    ['a near miss further down', ['grant', 'ad'], 'unknown command `ad`', 'did you mean `add`?'],
    ['an unknown option further down', ['keys', 'list', '--x'], 'unknown option `--x`', 'run it with --help'],
    ['too few words', ['grant', 'add', 'viewer'], '`--tenant <tenant>` not specified', 'run it with --help'],
    ['too many words', ['check', 'this'], 'too many arguments for `check`', 'run it with --help'],
    [
      'an option without its value',
      ['check', '--config'],
      '`-c, --config <file>` argument missing',
      'run it with --help',
    ],
    ['a value that is no number', ['log', '--limit', 'many'], 'argument `many` is invalid', 'run it with --help'],
    ['a value that is no choice', ['keys', 'rotate', '--use', 'x'], 'Allowed choices are access, bundle', 'run it'],
  ])('says what is wrong in one line: %s', async (_name, args, what, hint) => {
    const result = await cardea(args, { cwd })
    const { code, text } = errorOf(result)
    expect({ code, stdout: result.stdout }).toEqual({ code: 1, stdout: '' })
    const [line, second, ...rest] = text.trimEnd().split('\n')
    expect(line).toMatch(/^error .* \(ERR_COMMAND_USAGE\)$/)
    expect(line).toContain(what)
    expect(second).toMatch(/^hint {2}/)
    expect(second).toContain(hint)
    expect(rest).toEqual([])
  })

  it('does not repeat a token that was given for a name', async () => {
    const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl'
    for (const args of [[token], ['check', token], ['check', '-c', token], ['token', 'inspect', token]]) {
      const { text } = errorOf(await cardea(args, { cwd }))
      expect(text).not.toContain('eyJ')
      expect(text).not.toContain('c2lnbmF0dXJl')
    }
  })

  it('shows what a terminal would obey as text', async () => {
    const { text } = errorOf(await cardea(['check', '-c', 'a\u001b]0;owned\u0007b\u202e'], { cwd }))
    expect(text).toContain('a\\u001b]0;owned\\u0007b\\u202e')
  })

  it.each([
    ['never on a pipe', {}, false],
    ['when it is forced', { FORCE_COLOR: '1' }, true],
    ['not when it is forced off', { FORCE_COLOR: '0' }, false],
  ])('has colour %s', async (_name, env, isColored) => {
    const { stderr } = await cardea(['nosuch'], { cwd, env })
    expect(stderr.includes('\u001b[')).toBe(isColored)
  })
})
