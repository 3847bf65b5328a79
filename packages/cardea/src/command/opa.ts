// `cardea opa`: `config` prints what an OPA is started with, so that it discovers, verifies and follows everything else; `rego` the
// policies as Rego.

import { OPA_SECRET_VARIABLE, OPA_TOKEN_FILE, opaBootConfiguration } from '@cardea/opa'
import { createLocalKeys, type JsonWebKeySet } from '@cardea/token'
import { Command } from 'commander'
import { stringify } from 'yaml'
import { z } from 'zod'
import { answerOf, authorityUrl, request } from '../authority-client.ts'
import { loadConfig } from '../config/load-config.ts'
import { readJson } from '../input/read-json.ts'
import { printable } from '../output/printable.ts'
import { regoCommand } from './opa-rego.ts'

interface Options {
  readonly config?: string
  readonly json?: boolean
  readonly audience: string
  readonly client: string
  readonly keys?: string
}

export function command(): Command {
  const opa = new Command().description('Prints what an Open Policy Agent needs to decide by these policies.')
  opa
    .command('config')
    .description(
      'print the configuration that an OPA starts with (`opa run --server --config-file FILE`): where the authority is, and the keys that it pins',
    )
    .requiredOption('--audience <audience>', 'the audience that the OPA serves; `opa: true` in the configuration')
    .requiredOption('--client <id>', 'the client that it is, enrolled with the role `guard` for the audience')
    .option(
      '--keys <file>',
      'the keys that it pins, as JSON (default: what the authority answers at `/v1/bundle-keys`)',
    )
    .option('-c, --config <file>', 'the configuration file')
    .option('--json', 'print JSON, which OPA takes as well')
    .action(async (options: Options) => console.log(await print(options)))
  return opa.addCommand(regoCommand())
}

async function print({ config, json, audience, client, keys: file }: Options): Promise<string> {
  const url = authorityUrl(await loadConfig({ file: config }))
  const keys = await loadKeys(url, file)
  const boot = opaBootConfiguration({ url, audience, clientId: client, keys })
  if (json === true) return JSON.stringify(boot, null, 2)
  const notes = [
    `For an OPA that serves ${printable(audience)} as the client ${printable(client)}. Start it with: opa run --server --config-file FILE`,
    url.startsWith('https:')
      ? `Its secret is taken from the variable ${OPA_SECRET_VARIABLE}.`
      : `OPA sends its secret over https only. Over plain http keep a token of the client in the file ${OPA_TOKEN_FILE}; it lives five minutes.`,
    'It believes the keys below. Print this anew after each `cardea keys rotate --use bundle`: a second rotation needs the new ones.',
    'The persistence directory must be its own, and outlive it.',
  ]
  return `${notes.map((note) => `# ${note}\n`).join('')}${stringify(boot, { lineWidth: 0 }).trimEnd()}`
}

const keySet = z.looseObject({ keys: z.array(z.unknown()) })

/** @throws TokenError for what is no set of public keys, CommandError */
async function loadKeys(url: string, file: string | undefined): Promise<JsonWebKeySet> {
  const given =
    file === undefined ? await answerOf(await request(`${url}/v1/bundle-keys`, {}), keySet) : await readJson(file)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the key room reads every member itself
  const keys = given as JsonWebKeySet
  createLocalKeys(keys)
  return keys
}
