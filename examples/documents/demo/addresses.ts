// What to try by hand after the tour.

import { callerFor, OFFICE } from './caller.ts'
import { line } from './print.ts'
import type { World } from './world.ts'

export async function printAddresses(world: World): Promise<void> {
  const ann = await callerFor(world, 'ann')
  const { port } = world.service
  const curl = `curl -s -H "Host: acme.localhost:${port}" -H "X-Forwarded-For: ${OFFICE}" -H "Authorization: Bearer $TOKEN"`
  line(`
Everything stays up until Ctrl-C:

  provider   ${world.provider.issuer}
  authority  ${world.authority.url}
  service    http://127.0.0.1:${port}

Ann's token lives five minutes:

  TOKEN=${ann.token}
  ${curl} http://127.0.0.1:${port}/documents
  ${curl} http://127.0.0.1:${port}/documents/diary
  ${curl} http://127.0.0.1:${port}/documents/prices
  ${curl} -N http://127.0.0.1:${port}/documents/diary/events

In another terminal, revoke her session and watch the stream end:

  export CARDEA_AUTHORITY_URL=${world.authority.url} CARDEA_CLIENT_ID=${world.admin.id} CARDEA_CLIENT_SECRET=${world.admin.secret}
  npx cardea revoke --session ${String(ann.claims['sid'])}
  npx cardea log --denied`)
}
