// The cells of a matrix as questions that two versions of the policies can be asked.

import { type ActionDefinition, recordValue, type SchemaDefinition } from '@cardea/policy'
import { TestkitError } from '../errors.ts'
import { isValid, type Sample, type SampleEntity } from '../sample/sample.ts'
import { typedAttributes } from '../typed-value.ts'
import { nowOf, type World } from '../world.ts'
import type { Matrix, MatrixTest } from './matrix.ts'
import { cellKey, factsOf, named, untilSeconds } from './run-matrix.ts'

export interface MatrixSamples {
  readonly cells: readonly { readonly key: string; readonly sample: Sample }[]
  readonly skipped: readonly { readonly key: string; readonly reason: string }[]
}

/**
 * Every cell, read by what both schemas know. A cell that both cannot be asked is skipped with the reason: its action is on one side only, an
 * attribute that one side requires is not in the matrix.
 */
export function matrixSamples(matrix: Matrix, definition: SchemaDefinition, worlds: readonly World[]): MatrixSamples {
  const cells: { key: string; sample: Sample }[] = []
  const skipped: { key: string; reason: string }[] = []
  for (const test of matrix.tests) {
    for (const action of Object.keys(test.expect)) {
      const key = cellKey(test, action)
      try {
        cells.push({ key, sample: sampleOf(matrix, test, action, definition, worlds) })
      } catch (error) {
        if (!(error instanceof TestkitError)) throw error
        skipped.push({ key, reason: error.message })
      }
    }
  }
  return { cells, skipped }
}

function sampleOf(
  matrix: Matrix,
  test: MatrixTest,
  name: string,
  definition: SchemaDefinition,
  worlds: readonly World[],
): Sample {
  const action = own(definition.actions, name)
  if (action === undefined) throw unknown(`the action \`${name}\` cannot be asked of both`)
  const principal = named(matrix.principals, test.as, 'principal')
  const resource = named(matrix.resources, test.on, 'resource')
  const facts = factsOf(matrix, test)
  const sample: Sample = {
    action: name,
    principal: principal.uid,
    resource: resource.uid,
    context: contextOf(action, facts, name),
    entities: [entityOf(principal, definition), entityOf(resource, definition)],
    links: principal.grants.map((grant) => ({
      id: grant.template,
      template: grant.template,
      principal: principal.uid,
      resource: grant.resource,
      ...(grant.until === undefined ? {} : { untilSeconds: untilSeconds(grant.until) }),
    })),
    nowSeconds: nowOf(facts),
  }
  if (worlds.every(({ schema }) => isValid(sample, schema))) return sample
  throw unknown('it does not fit the schema of both')
}

function contextOf(
  { context }: ActionDefinition,
  facts: Readonly<Record<string, unknown>>,
  name: string,
): Sample['context'] {
  const given = Object.fromEntries(Object.entries(facts).filter(([fact]) => Object.hasOwn(context, fact)))
  return typedAttributes(context, given, `the context of \`${name}\``)
}

function entityOf(
  { uid, attributes, parents }: Pick<Matrix['resources'][string], 'uid' | 'attributes' | 'parents'>,
  { entities }: SchemaDefinition,
): SampleEntity {
  const type = own(entities, uid.type)
  if (type === undefined) throw unknown(`the entity type \`${uid.type}\` is not in the schema`)
  const values = typedAttributes(type.attributes, attributes, `${uid.type}::"${uid.id}"`)
  return { uid, attributes: values, parents, tags: recordValue([]).fields }
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

function unknown(message: string): TestkitError {
  return new TestkitError('ERR_TESTKIT_NAME', message)
}
