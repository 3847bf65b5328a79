import { sqlOf } from '@cardea/data'
import { createGuard, mapEntity } from '@cardea/guard'
import { audience, issuer, keys, tokenFor } from './issuer.ts' // stands in for your identity provider
import { schema } from './schema.gen.ts' // written by `cardea generate`

const Note = mapEntity(schema, 'Note', {
  table: 'notes',
  id: 'id',
  attributes: { tenant: 'org_id', owner: 'owner_id' },
})
const claims = { attributes: { tenant: 'org' }, parents: { Role: 'roles' } }
const principal = { type: 'User', id: 'sub' } as const
const policies = `${import.meta.dirname}/policy`
const guard = await createGuard({ schema, policies, issuer, audience, keys, claims: { principal, ...claims } })

const headers = { authorization: `Bearer ${await tokenFor('ann', 'acme')}` }
const ann = await guard.authenticate({ method: 'GET', url: '/notes', headers })

console.log(ann.decide('edit', Note({ id: '1', org_id: 'acme', owner_id: 'ann' })).decision)
const denied = ann.decide('edit', Note({ id: '2', org_id: 'acme', owner_id: 'bob' }))
console.log(`${denied.decision}: ${denied.explanation?.line}`)
console.log(sqlOf(ann.filter('view', Note)))
