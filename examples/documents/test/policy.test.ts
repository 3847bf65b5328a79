// The policy means what we meant: the matrix, and the same questions in TypeScript on rows of the database.

import { join } from 'node:path'
import { entityUid } from '@cardea/policy'
import { createPolicyTest } from '@cardea/testkit'
import { describeMatrix } from '@cardea/testkit/vitest'
import { expect, it } from 'vitest'
import { Document, Folder } from '../access.ts'
import { DOCUMENTS, FOLDERS } from '../people/documents.ts'
import { NETWORKS } from '../people/people.ts'
import { schema } from '../schema.gen.ts'

const policies = join(import.meta.dirname, '..', 'policy')

describeMatrix({ schema, policies, matrix: join(policies, 'policy.test.yaml') })

const p = createPolicyTest({ schema, policies })
const acme = { attributes: { tenant: 'Tenant::"acme"', networks: NETWORKS.acme, external: false } }
const ann = p.principal('User', 'ann', {
  ...acme,
  grants: [{ template: 'viewer', resource: entityUid('Folder', 'plans') }],
})
const carol = p.principal('User', 'carol', { ...acme, parents: [entityUid('Role', 'admin')] })
const document = (id: string) => Document(DOCUMENTS.find((row) => row.id === id))
const OFFICE = { ip: '10.1.2.3' }
const AWAY = { ip: '203.0.113.9' }

it('lets an owner share with whom she likes, with a second factor', () => {
  p.as(ann, { ...OFFICE, mfa: true })
    .allows('share', document('diary'), { outside: true })
    .because('owner-manages')
  p.as(ann, { ...OFFICE, mfa: false })
    .denies('share', document('diary'), { outside: true })
    .because('outside-needs-second-factor')
  p.as(ann, { ...OFFICE, mfa: false }).allows('share', document('diary'), { outside: false })
})

it('keeps classified documents in the office', () => {
  p.as(carol, OFFICE).allows('view', document('budget')).because('admin-manages')
  p.as(carol, AWAY).denies('view', document('budget')).because('classified-needs-office')
  p.as(ann, AWAY).denies('view', document('budget')).because('classified-needs-office')
})

it('keeps tenants apart', () => {
  p.as(carol, OFFICE).denies('view', document('prices')).because('tenant-isolation')
  p.as(carol, OFFICE)
    .denies('create', Folder(FOLDERS.find((row) => row.id === 'north')))
    .because('tenant-isolation')
})

it('fails when it is asked for what is not so', () => {
  expect(() => p.as(ann, OFFICE).allows('edit', document('roadmap'))).toThrow(/expected allow, got deny/)
})
