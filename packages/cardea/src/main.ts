// `cardea`: one file a subcommand, loaded only when it is asked for, so that `--help` answers at once.

import { Command, CommanderError } from 'commander'
import { CommandError } from './errors.ts'
import { reportError } from './output/report-error.ts'
import { version } from './version.ts'

interface Subcommand {
  readonly summary: string
  load(): Promise<{ readonly command: () => Command }>
}

const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
  init: {
    summary: 'write a config, a schema, policies, tests and an app to start from',
    load: () => import('./command/init.ts'),
  },
  dev: { summary: 'run an authority with test users and watch the policies', load: () => import('./command/dev.ts') },
  serve: { summary: 'run the authority', load: () => import('./command/serve.ts') },
  check: { summary: 'find every error in the schema and the policies', load: () => import('./command/check.ts') },
  test: { summary: 'run the test matrix of the policies', load: () => import('./command/test.ts') },
  diff: {
    summary: 'show what a change of the policies newly allows and newly denies',
    load: () => import('./command/diff.ts'),
  },
  generate: { summary: 'write the typed schema that the service imports', load: () => import('./command/generate.ts') },
  bundle: {
    summary: 'build, inspect and verify a bundle of the policies',
    load: () => import('./command/bundle.ts'),
  },
  authorize: { summary: 'decide one request from files, as Cedar does', load: () => import('./command/authorize.ts') },
  explain: {
    summary: 'say why one decision is what it is, and what would change it',
    load: () => import('./command/explain.ts'),
  },
  token: {
    summary: 'get a token, or explain what one says and what would be refused',
    load: () => import('./command/token.ts'),
  },
  grant: { summary: 'give, list and take back grants', load: () => import('./command/grant.ts') },
  revoke: {
    summary: 'revoke a token, session, principal, client, tenant or grant',
    load: () => import('./command/revoke.ts'),
  },
  keys: { summary: 'list, rotate and kill signing keys', load: () => import('./command/keys.ts') },
  publish: { summary: 'publish the policies to the authority', load: () => import('./command/publish.ts') },
  doctor: {
    summary: 'check a configuration against the live providers and the live authority',
    load: () => import('./command/doctor.ts'),
  },
  fleet: {
    summary: 'list the guards that follow the authority, and how far each has come',
    load: () => import('./command/fleet.ts'),
  },
  opa: {
    summary: 'print the configuration that an Open Policy Agent starts with',
    load: () => import('./command/opa.ts'),
  },
  'break-glass': {
    summary: 'let guards that hear nothing go on for a while, signed and recorded',
    load: () => import('./command/break-glass.ts'),
  },
  log: { summary: 'show decisions, and denials grouped by cause', load: () => import('./command/log.ts') },
  audit: {
    summary: 'verify, export and erase the records of decisions',
    load: () => import('./command/audit.ts'),
  },
  config: { summary: 'print the effective configuration, redacted', load: () => import('./command/config.ts') },
}

/** Runs the command line and returns the exit code. Never throws. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const program = await createProgram(argv.slice(2))
    await program.parseAsync([...argv])
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError && (error.exitCode === 0 || error.code === 'commander.help'))
      return error.exitCode
    reportError(error instanceof CommanderError ? usageError(error) : error)
    return 1
  }
}

/** All subcommands by name and summary; the one that the words ask for is loaded. */
async function createProgram(words: readonly string[]): Promise<Command> {
  const program = new Command('cardea')
    .description('fine-grained access control: design, test and deploy Cedar policies')
    .version(version(), '-V, --version')
    // an option after a subcommand is the subcommand's, also where both have it
    .enablePositionalOptions()
  const [asked, next] = words.filter((word) => !word.startsWith('-'))
  const wanted = asked === 'help' ? next : asked
  for (const [name, subcommand] of Object.entries(SUBCOMMANDS)) {
    const { summary } = subcommand
    if (name === wanted) program.addCommand((await subcommand.load()).command().name(name).summary(summary))
    else program.command(name).summary(summary).description(summary)
  }
  throwErrors(program)
  return program
}

/** A usage error of any command is thrown, and printed in one place like every other error. */
function throwErrors(command: Command): void {
  command.exitOverride().configureOutput({ outputError: () => undefined })
  for (const inner of command.commands) throwErrors(inner)
}

/** `error: unknown option '--x'`, and perhaps `(Did you mean --y?)` on a line of its own. */
function usageError({ message }: CommanderError): CommandError {
  const [what = '', suggestion] = message.replace(/^error: /, '').split('\n')
  const hint =
    suggestion?.replace(/^\(Did you mean (.*)\?\)$/, 'did you mean `$1`?') ??
    'run it with --help for the list of commands and options'
  return new CommandError('ERR_COMMAND_USAGE', what.replaceAll(/'([^']*)'/g, '`$1`'), { hint })
}
