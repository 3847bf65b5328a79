// A request with one of everything, for tests of what an OPA is told and answers.

import {
  createEntities,
  createLinks,
  entityUid,
  fieldMap,
  parseDatetime,
  parseDecimal,
  parseDuration,
  parseIp,
  recordValue,
  type Request,
  setValue,
  type Value,
} from '@cardea/policy'

export const ANN = entityUid('User', 'ann')
export const PLAN = entityUid('Document', 'plan')
const VIEW = entityUid('Action', 'view')

/** The value of a text that a test knows to be right. */
function known(value: Value | undefined): Value {
  if (value === undefined) throw new TypeError('the test has a malformed text')
  return value
}

export function requestOf(more: Partial<Request> = {}): Request {
  return {
    principal: ANN,
    action: VIEW,
    resource: PLAN,
    context: fieldMap({
      ip: known(parseIp('10.1.2.0/24')),
      now: known(parseDatetime('2026-01-01T12:00:00Z')),
      device: 'laptop',
    }),
    entities: createEntities([
      {
        uid: ANN,
        attributes: {
          manager: entityUid('User', 'mia'),
          tenant: entityUid('Tenant', 'acme'),
          serial: 9_007_199_254_740_993n,
          limits: recordValue({ most: known(parseDecimal('1.5')), wait: known(parseDuration('1h30m')) }),
        },
        parents: [entityUid('Team', 'core')],
        tags: { peers: setValue([entityUid('User', 'bob'), entityUid('User', 'gone')]) },
      },
      { uid: entityUid('Team', 'core'), parents: [entityUid('Team', 'all')] },
      { uid: entityUid('Team', 'all'), attributes: { open: true } },
      { uid: entityUid('User', 'mia'), attributes: { level: 3 } },
      { uid: entityUid('User', 'bob') },
      { uid: PLAN, attributes: { owner: ANN, words: setValue(['a', 'b']) }, parents: [entityUid('Folder', 'plans')] },
      { uid: entityUid('Document', 'unreached') },
    ]),
    links: createLinks([
      { id: 'viewer-1', template: 'viewer', principal: ANN, resource: entityUid('Folder', 'plans') },
      { id: 'ended', template: 'viewer', principal: ANN, resource: PLAN, untilSeconds: 1_700_000_000 },
      { id: 'ends', template: 'editor', principal: ANN, resource: PLAN, untilSeconds: 1_700_000_001 },
    ]),
    nowSeconds: 1_700_000_000,
    ...more,
  }
}
