import { sqlOf } from '@cardea/data'
import { createGuard, mapEntity } from '@cardea/guard'
import { audience, issuer, keys, tokenFor } from './issuer.ts'
import { schema } from './schema.gen.ts'

const Note = mapEntity(schema, 'Note', {
  table: 'notes',
  id: 'id',
  attributes: { tenant: 'org_id', owner: 'owner_id' },
})
const guard = await createGuard({
  ...{ schema, issuer, audience, keys, policies: new URL('policy', import.meta.url).pathname },
  claims: { principal: { type: 'User', id: 'sub' }, attributes: { tenant: 'org' }, parents: { Role: 'roles' } },
})

const request = { method: 'GET', url: '/notes', headers: { authorization: `Bearer ${await tokenFor('ann', 'acme')}` } }
const auth = await guard.authenticate(request)
console.log(auth.decide('edit', Note({ id: '1', org_id: 'acme', owner_id: 'ann' })).decision)

const denied = auth.decide('edit', Note({ id: '2', org_id: 'acme', owner_id: 'bob' }))
console.log(denied.decision, denied.explanation)
console.log(sqlOf(auth.filter('view', Note)))
await guard.close()
