// `cardea token`: a test user's token in development, this client's own token, or what a token says.

import { Command } from 'commander'
import { z } from 'zod'
import { answerOf, authorityUrl, fetchToken, request } from '../authority-client.ts'
import { type LoadedConfig, loadConfig } from '../config/load-config.ts'
import { loadCredentials, loadDevCredentials } from '../credentials.ts'
import { SIGN_IN_HEADER, SIGN_IN_PATH } from '../dev/sign-in-route.ts'
import { CommandError } from '../errors.ts'
import { printableLines, withoutTokens } from '../output/printable.ts'
import { describeToken } from '../token/describe-token.ts'
import { type ExpectationOptions, loadExpectations } from '../token/expectations.ts'
import { formatToken } from '../token/format-token.ts'
import { readToken } from '../token/read-token.ts'

interface Options {
  readonly config?: string
  readonly json?: boolean
  readonly as?: string
  readonly mfa?: boolean
  readonly audience?: string
}

export function command(): Command {
  const token = new Command()
    .enablePositionalOptions()
    .description(
      'Prints a token: of a test user (--as, while `cardea dev` runs here), or of the client of the environment.',
    )
    .option('--as <user>', 'sign this test user in')
    .option('--mfa', 'with --as: with a fresh second factor')
    .option('--audience <id>', 'for whom; the only configured audience by default')
    .option('-c, --config <file>', 'the configuration file')
    .option('--json', 'print JSON')
    .action(async (options: Options) => {
      const loaded = await loadConfig({ file: options.config })
      const text =
        options.as === undefined ? await clientToken(loaded, options) : await userToken(loaded, options.as, options)
      console.log(options.json === true ? JSON.stringify({ access_token: text }) : text)
    })
  token
    .command('inspect [token]')
    .description(
      'Explains an access token: what it says, how long it lives, and what would be refused about it. From the command line, from a file ' +
        '(@path) or from standard input. Nothing is fetched. Exits 0, 2 when something would be refused, 1 for an error.',
    )
    .option('--issuer <url>', 'who should have issued it; by default the authority of the configuration')
    .option('--audience <id>', 'for whom it should be; by default one of the audiences of the configuration')
    .option('--jwks <file>', 'the key set of the issuer as JSON, to verify the signature')
    .option(
      '--bundle <file>',
      'the bundle of a guard, for the plans that it knows; by default the policies of the configuration',
    )
    .option('--grant-set <file>', 'the grants that the token names by reference, as the authority answers a guard')
    .option('--type <typ>', 'the kind that the header should name', 'at+jwt')
    .option('-c, --config <file>', 'the configuration file')
    .option('--json', 'print JSON')
    .action(async (argument: string | undefined, { json, ...options }: InspectOptions) => {
      const text = await readToken(argument, process.stdin)
      const now = Math.floor(Date.now() / 1000)
      const description = await describeToken(text, await loadExpectations(options), now)
      const shown = json === true ? JSON.stringify(description, null, 2) : formatToken(description, now)
      // a claim may hold another token, and JSON leaves some of what a terminal obeys as it is
      console.log(withoutTokens(json === true ? printableLines(shown) : shown))
      if (description.refusals.length > 0) process.exitCode = REFUSED_EXIT_CODE
    })
  return token
}

const REFUSED_EXIT_CODE = 2

interface InspectOptions extends ExpectationOptions {
  readonly json?: boolean
}

async function clientToken(loaded: LoadedConfig, options: Options): Promise<string> {
  const url = authorityUrl(loaded)
  return fetchToken(url, await loadCredentials(loaded.folder, url), options.audience)
}

async function userToken(loaded: LoadedConfig, user: string, options: Options): Promise<string> {
  const dev = await loadDevCredentials(loaded.folder)
  if (dev === undefined) {
    throw new CommandError('ERR_COMMAND_USAGE', 'test users are signed in by a `cardea dev` that runs in this folder', {
      hint: 'start it in another terminal',
    })
  }
  const audience = options.audience ?? onlyAudience(loaded)
  const response = await request(`${dev.url}${SIGN_IN_PATH}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [SIGN_IN_HEADER]: dev.signIn },
    body: JSON.stringify({ user, audience, mfa: options.mfa === true }),
  })
  return (await answerOf(response, z.object({ access_token: z.string() }))).access_token
}

function onlyAudience({ config }: LoadedConfig): string {
  const audiences = z
    .array(z.object({ id: z.string() }))
    .catch([])
    .parse(config.authority['audiences'])
  const [only, ...others] = audiences
  if (only !== undefined && others.length === 0) return only.id
  throw new CommandError('ERR_COMMAND_USAGE', 'say for which audience the token is', {
    hint: `--audience ${audiences.map((audience) => audience.id).join(' | ') || 'URI'}`,
  })
}
