// People whom the configuration knows: their stable id, and what a provider does not say of them.

import { type EntityUid, parseEntityUid } from '@cardea/policy'
import { AuthorityError } from '../errors.ts'
import type { PersonSettings } from '../options.ts'

export interface Directory {
  /** The id that a person has here, if the configuration gives one. */
  idOf(issuer: string, tenant: string, subject: string): string | undefined
  find(id: string): DirectoryEntry | undefined
  readonly tenants: ReadonlySet<string>
}

interface DirectoryEntry {
  /** Values in Cedar's JSON form. */
  readonly attributes: ReadonlyMap<string, unknown>
  readonly parents: readonly EntityUid[]
}

/** Errors: `ERR_AUTHORITY_CONFIG` for a parent that is no entity. */
export function createDirectory(people: readonly PersonSettings[]): Directory {
  const bySubject = new Map(people.map((person) => [keyOf(person.issuer, person.tenant, person.subject), person.id]))
  const byId = new Map<string, DirectoryEntry>(people.map((person) => [person.id, entryOf(person)]))
  return {
    idOf: (issuer, tenant, subject) => bySubject.get(keyOf(issuer, tenant, subject)),
    find: (id) => byId.get(id),
    tenants: new Set(people.map(({ tenant }) => tenant)),
  }
}

function entryOf({ id, attributes, parents }: PersonSettings): DirectoryEntry {
  return {
    attributes: new Map(Object.entries(attributes)),
    parents: parents.map((text) => {
      const uid = parseEntityUid(text)
      if (uid !== undefined) return uid
      throw new AuthorityError('ERR_AUTHORITY_CONFIG', `a parent of \`${id}\` is not an entity: \`${text}\``)
    }),
  }
}

function keyOf(...parts: readonly string[]): string {
  return JSON.stringify(parts)
}
