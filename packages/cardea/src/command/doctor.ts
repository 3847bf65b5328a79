// `cardea doctor`: a configuration from end to end, against the live providers and the live authority. One line a check; exits 1 when
// anything fails.

import { Command } from 'commander'
import { type Check, failed } from '../doctor/check.ts'
import { authorityChecks, type Reached } from '../doctor/authority-checks.ts'
import { feedChecks } from '../doctor/feed-checks.ts'
import { type Found, projectChecks } from '../doctor/project-checks.ts'
import { providerChecks } from '../doctor/provider-checks.ts'
import { settingChecks } from '../doctor/setting-checks.ts'
import { type LoadedConfig, loadConfig } from '../config/load-config.ts'
import { colors } from '../output/colors.ts'

interface Options {
  readonly config?: string
  readonly json?: boolean
  readonly keys?: string
}

export function command(): Command {
  return new Command()
    .description(
      'Checks a configuration from end to end: files, policies, identity providers, the authority with its clock, keys and credentials, and the feed of each audience. Exits 1 when anything fails.',
    )
    .option('--keys <file>', 'the keys of bundles that the guards pin, as JSON')
    .option('-c, --config <file>', 'the configuration file')
    .option('--json', 'print JSON')
    .action(async (options: Options) => {
      const checks: Check[] = []
      for await (const check of allChecks(options)) {
        checks.push(check)
        if (options.json !== true) console.log(format(check))
      }
      const count = (level: Check['level']): number => checks.filter((check) => check.level === level).length
      const sums = { ok: count('ok'), warnings: count('warn'), failures: count('FAIL') }
      if (options.json === true) console.log(JSON.stringify({ ...sums, checks }, null, 2))
      else console.log(`${sums.ok} ok, ${sums.warnings} to look at, ${sums.failures} failed`)
      process.exitCode = sums.failures > 0 ? 1 : 0
    })
}

async function* allChecks({ config: file, keys }: Options): AsyncGenerator<Check> {
  let loaded: LoadedConfig
  try {
    loaded = await loadConfig({ file })
  } catch (error) {
    yield failed('configuration', error, 'mend the configuration; nothing else can be checked without it')
    return
  }
  const found: Found = {}
  yield* projectChecks(loaded, found)
  const { settings } = found
  if (settings === undefined) return
  yield* settingChecks(settings, process.env)
  yield* providerChecks(settings)
  if (settings.audiences.length === 0) return
  const reached: Reached = {}
  yield* authorityChecks(loaded, settings, keys, reached)
  yield* feedChecks(settings, found, reached)
}

/** One line: what, how, with which code, and what to do. */
function format({ level, name, message, code, hint }: Check): string {
  const { green, yellow, red, dim } = colors()
  const paint = { ok: green, warn: yellow, FAIL: red }[level]
  const more = code === null || hint === null ? '' : ` ${dim(`(${code})`)}: ${hint}`
  return `${paint(level.padEnd(4))} ${name}: ${message}${more}`
}
