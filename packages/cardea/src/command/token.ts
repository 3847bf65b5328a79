// `cardea token`: a test user's token in development, this client's own token, or what is in a token.

import { text as readStream } from 'node:stream/consumers'
import { unpackGrants, toAuthorizationDetails } from '@cardea/claims'
import { decodeToken } from '@cardea/token'
import { Command } from 'commander'
import { z } from 'zod'
import { answerOf, authorityUrl, fetchToken, request } from '../authority-client.ts'
import { type LoadedConfig, loadConfig } from '../config/load-config.ts'
import { loadCredentials, loadDevCredentials } from '../credentials.ts'
import { SIGN_IN_HEADER, SIGN_IN_PATH } from '../dev/sign-in-route.ts'
import { CommandError } from '../errors.ts'
import { loadSource } from '../sources.ts'

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
    .command('show <file>')
    .description('show what is in a token (from a file, or - for standard input). NOTHING is verified')
    .option('--json', 'print JSON')
    .action(async (file: string, options: { readonly json?: boolean }) => {
      const text = file === '-' ? await readStream(process.stdin) : (await loadTokenFile(file)).text
      console.log(describe(text.trim(), options.json === true))
    })
  return token
}

function loadTokenFile(file: string): ReturnType<typeof loadSource> {
  if (!file.startsWith('eyJ')) return loadSource(file, 'command line')
  throw new CommandError('ERR_COMMAND_USAGE', 'a token is read from a file or from standard input', {
    hint: 'on a command line others can see it: cardea token show - < FILE',
  })
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

/** Header, claims, size, and the grants as RFC 9396 would write them. */
function describe(text: string, json: boolean): string {
  const { unverifiedHeader: header, unverifiedClaims: claims } = decodeToken(text)
  const grants = claims['grants'] === undefined ? [] : unpackGrants(claims['grants'])
  const details = toAuthorizationDetails(grants)
  const shown = { header, claims, authorization_details: details }
  if (json) return JSON.stringify(shown, null, 2)
  const bytes = `${text.length} bytes; the grants alone would be ${JSON.stringify(details).length} bytes as RFC 9396 JSON`
  return `${JSON.stringify(shown, null, 2)}\n${bytes}\nNOT VERIFIED: this only reads the token`
}
