// A project of a given size, as `cardea dev` meets it: a schema, policies of departments in files of fifty, and a matrix with a cell for
// each third of them. Plain text, in a folder of its own.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Project {
  readonly folder: string
  /** Takes something from one policy or gives it back: the text of one file changes, and so do cells. */
  save(round: number): Promise<void>
  remove(): Promise<void>
}

const IN_A_FILE = 50

const SCHEMA = `
entity Tenant;
entity Department;
entity User in [Department] { tenant: Tenant, level: Long };
entity Document in [Department] { tenant: Tenant, owner: User, classified: Bool, state: String };
action view, edit, share appliesTo {
  principal: [User], resource: [Document], context: { ip: ipaddr, acr: String }
};
`

export async function makeProject(policies: number): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'cardea-bench-dev-'))
  const file = (number: number): string =>
    join(folder, 'policy', `departments-${String(number).padStart(3, '0')}.cedar`)
  await mkdir(join(folder, 'policy'))
  await writeFile(join(folder, 'policy', 'schema.cedarschema'), SCHEMA)
  await writeFile(join(folder, 'policy', 'policy.test.yaml'), matrixOf(policies))
  for (let number = 0; number * IN_A_FILE < policies; number += 1)
    await writeFile(file(number), textOf(number, policies, 0))
  return {
    folder,
    save: (round) => writeFile(file(0), textOf(0, policies, round)),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Every round moves the level of the first policy, so that no text comes twice. */
function textOf(file: number, policies: number, round: number): string {
  const first = file * IN_A_FILE
  const numbers = Array.from({ length: Math.min(IN_A_FILE, policies - first) }, (_, at) => first + at)
  return numbers.map((number) => policyOf(number, number === 0 && round % 2 === 1 ? 1000 + round : 3)).join('\n')
}

function policyOf(number: number, level: number): string {
  return number % 10 === 9
    ? `@id("office-${number}")
forbid (principal, action in [Action::"edit", Action::"share"], resource in Department::"d${number - 9}")
when { resource.classified }
unless { context.ip.isInRange(ip("10.${number % 256}.0.0/16")) || context.acr == "mfa" };
`
    : `@id("department-${number}")
permit (principal in Department::"d${number}", action in [Action::"view", Action::"edit"], resource in Department::"d${number}")
when { resource.tenant == principal.tenant && principal.level >= ${level} }
unless { resource.state == "archived" && resource.owner != principal };
`
}

function matrixOf(policies: number): string {
  const departments = Array.from({ length: Math.ceil(policies / 3) }, (_, at) => at * 3).filter(
    (number) => number % 10 !== 9,
  )
  const people = departments.map(
    (number) =>
      `  u${number}: { uid: 'User::"u${number}"', attributes: { tenant: 'Tenant::"acme"', level: 5 }, parents: ['Department::"d${number}"'] }`,
  )
  const documents = departments.map(
    (number) =>
      `  p${number}: { uid: 'Document::"p${number}"', attributes: { tenant: 'Tenant::"acme"', owner: 'User::"u1"', classified: false, state: open }, parents: ['Department::"d${number}"'] }`,
  )
  const tests = departments.map(
    (number) => `  - { as: u${number}, in: office, on: p${number}, expect: { view: allow } }`,
  )
  return [
    'principals:',
    ...people,
    'resources:',
    ...documents,
    'contexts:',
    '  office: { ip: 10.0.0.1, acr: pwd }',
    'tests:',
    ...tests,
    '',
  ].join('\n')
}
