// A folder of policies, read once at start.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GuardError } from '../errors.ts'

export interface PolicySource {
  readonly file: string
  readonly text: string
}

/** All `*.cedar` and `*.cedarschema` files of the folder itself, by name. Throws `ERR_GUARD_POLICY_FOLDER`. */
export async function loadPolicyFolder(folder: string): Promise<readonly PolicySource[]> {
  let names: readonly string[]
  try {
    names = (await readdir(folder, { withFileTypes: true }))
      .filter((entry) => entry.isFile() && /\.cedar(?:schema)?$/.test(entry.name))
      .map(({ name }) => name)
      .toSorted()
  } catch (cause) {
    throw new GuardError('ERR_GUARD_POLICY_FOLDER', `the policy folder \`${folder}\` cannot be read`, { cause })
  }
  if (!names.some((name) => name.endsWith('.cedar'))) {
    throw new GuardError('ERR_GUARD_POLICY_FOLDER', `the policy folder \`${folder}\` holds no \`*.cedar\` file`, {
      hint: 'an empty folder would deny everything; the path is taken from the working directory',
    })
  }
  return Promise.all(names.map(async (file) => ({ file, text: await readFile(join(folder, file), 'utf8') })))
}
