// `cardea init`: six small files to start from. Never overwrites: if one of them exists, nothing is written.

import { access, constants, copyFile, mkdir, rm } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { CommandError } from '../errors.ts'
import { colors } from '../output/colors.ts'

/** File in the new folder to file among the templates; npm does not pack a `.gitignore`. */
const FILES: Readonly<Record<string, string>> = {
  'cardea.config.ts': 'cardea.config.ts',
  'policy/schema.cedarschema': 'policy/schema.cedarschema',
  'policy/policies.cedar': 'policy/policies.cedar',
  'policy/policy.test.yaml': 'policy/policy.test.yaml',
  'app.ts': 'app.ts',
  '.gitignore': 'gitignore',
}

const TEMPLATES = fileURLToPath(new URL('../../templates', import.meta.url))

export function command(): Command {
  return new Command()
    .description(
      'Writes a config, a schema, policies, tests, an app and a .gitignore into a folder that has none of them.',
    )
    .argument('[folder]', 'where to write', '.')
    .option('--json', 'print the names of the files as JSON')
    .action(async (folder: string, options: { readonly json?: boolean }) => {
      const written = await writeFiles(folder)
      if (options.json === true) console.log(JSON.stringify({ written }, null, 2))
      else printNextSteps(folder, written)
    })
}

/** @throws CommandError ERR_COMMAND_FILE; nothing was written then */
async function writeFiles(folder: string): Promise<string[]> {
  const targets = Object.entries(FILES).map(([name, template]) => ({
    name,
    from: join(TEMPLATES, template),
    to: join(folder, name),
  }))
  for (const { name, to } of targets) {
    const there = await access(to).then(
      () => true,
      () => false,
    )
    if (!there) continue
    throw new CommandError('ERR_COMMAND_FILE', `\`${name}\` exists already, so nothing was written`, {
      hint: 'run it in an empty folder',
    })
  }
  const written: string[] = []
  try {
    for (const { from, to } of targets) {
      await mkdir(dirname(to), { recursive: true })
      await copyFile(from, to, constants.COPYFILE_EXCL)
      written.push(to)
    }
  } catch (cause) {
    // all or nothing: half of the files would be in the way of the next attempt
    await Promise.all(written.map((file) => rm(file, { force: true })))
    throw new CommandError('ERR_COMMAND_FILE', `\`${folder}\` cannot be written to`, {
      hint: 'check its permissions, and that no file stands where a folder should be',
      cause,
    })
  }
  return targets.map(({ name }) => name)
}

function printNextSteps(folder: string, written: readonly string[]): void {
  const { bold, dim, green } = colors()
  for (const name of written) console.log(`${green('wrote')} ${relative(process.cwd(), join(folder, name))}`)
  console.log(`
${bold('Next')}
  npm install @cardea/guard cardea fastify
  npx cardea dev                             ${dim('# an authority with test users; watches the policies')}
  node --env-file=.cardea/dev.env app.ts     ${dim('# the app, in another terminal')}`)
}
