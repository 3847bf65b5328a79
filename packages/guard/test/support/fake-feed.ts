// A feed client whose state the test moves: everything that the authority can say, without an authority.

import {
  buildBundle,
  type BundleContent,
  createRevocations,
  type DecisionReport,
  type FeedChange,
  type FeedClient,
  type FeedState,
  type OpenBundle,
  type Position,
  type RevocationKey,
} from '@cardea/feed'
import { compileProgram, createSchema, parsePolicySources, type SchemaDefinition } from '@cardea/policy'
import { createPlan } from '@cardea/claims'
import { guardOver } from '../../src/guard.ts'
import type { AuditOptions, AuthorityOptions, DecisionEvent, Guard, LogFields } from '../../src/index.ts'
import { settingOf } from '../../src/setting.ts'
import { createOperatorLog } from '../../src/operator-log.ts'
import { placeOf, sourceOver } from '../../src/source/authority.ts'
import { createBreakGlassWatch } from '../../src/source/break-glass.ts'
import { createGrantSets, type GrantSetsOptions } from '../../src/source/grant-sets.ts'
import { createLocalKeys, generateSigningKey, publicJwk, type SigningKey } from '@cardea/token'
import { POLICIES, schema } from './documents.ts'
import { AUDIENCE, ISSUER, JWKS, NOW } from './world.ts'

/** Signs what the guard of a fake feed has pinned. */
export const BUNDLE_KEY: SigningKey = await generateSigningKey('ES256')

export interface FakeFeed {
  readonly guard: Guard<typeof schema>
  readonly events: DecisionEvent[]
  readonly reports: DecisionReport[]
  readonly logged: string[]
  /** Lines of level `error`, with their fields. */
  readonly errors: { readonly message: string; readonly fields: LogFields }[]
  /** Due callbacks of timers, in the order in which they were set. */
  readonly timers: (() => void)[]
  now: number
  ageSeconds: number
  position: Position
  tenants: readonly string[] | undefined
  /** What lies in the break-glass file. */
  glass: string | undefined
  /** The guard looks into that file. */
  lookAtGlass(): Promise<void>
  /** No record that must be kept can be. */
  isFull: boolean
  /** Whether a wait for a position succeeds. */
  catchesUp: boolean
  /** What happens while it waits. */
  onWait: () => void
  /** What the authority answers to who presents a token. */
  fetchSet: GrantSetsOptions['fetchSet']
  revoke(key: RevocationKey, seq?: number): void
  publish(policies: readonly { readonly file: string; readonly text: string }[], definition?: SchemaDefinition): void
  replaceKeys(keys: FeedState['keys']): void
}

/** `grantCacheSize`: of grants by reference. */
export function createFakeFeed({
  grantCacheSize = 200_000,
  audit = {},
}: {
  readonly grantCacheSize?: number
  readonly audit?: AuditOptions<typeof schema>
} = {}): FakeFeed {
  const listeners = new Set<(change: FeedChange) => void>()
  const revocations = createRevocations({ now: () => fake.now })
  let bundle = openBundleOf(1, POLICIES, schema, [])
  let keys: FeedState['keys'] = JWKS
  const notify = (change: FeedChange): void => {
    for (const listener of listeners) listener(change)
  }
  const log = (message: string): void => {
    fake.logged.push(message)
  }
  const logError = (message: string, fields: LogFields = {}): void => {
    log(message)
    fake.errors.push({ message, fields })
  }
  const fake: Omit<FakeFeed, 'guard'> = {
    events: [],
    reports: [],
    logged: [],
    errors: [],
    glass: undefined,
    lookAtGlass: () => breakGlass.look(),
    timers: [],
    now: NOW,
    ageSeconds: 1,
    position: { epoch: 'e1', seq: 100 },
    tenants: undefined,
    isFull: false,
    catchesUp: true,
    onWait: () => {},
    fetchSet: () => Promise.reject(new Error('the test has no grant sets')),
    revoke(key, seq = fake.position.seq + 1) {
      const at = { epoch: fake.position.epoch, seq }
      const revocation = { key, at, revokedAtSeconds: fake.now, expiresAtSeconds: fake.now + 600 }
      revocations.add(revocation)
      if (seq > fake.position.seq) fake.position = at
      notify({ kind: 'revocation', revocation })
    },
    publish(policies, definition = schema) {
      // every plan that a living token may have been packed with
      bundle = openBundleOf(bundle.content.revision + 1, policies, definition, bundle.content.plans)
      notify({ kind: 'bundle', bundle })
    },
    replaceKeys(next) {
      keys = next
      notify({ kind: 'keys' })
    },
  }
  const client: FeedClient = {
    start: () => Promise.resolve(),
    state: () => ({
      position: fake.position,
      tenants: fake.tenants,
      bundle,
      keys,
      revocations,
      freshAsOfSeconds: fake.now - fake.ageSeconds,
    }),
    ageSeconds: () => fake.ageSeconds,
    now: () => fake.now,
    waitFor({ epoch, seq }) {
      fake.onWait()
      if (fake.catchesUp) fake.position = { epoch, seq: Math.max(seq, fake.position.seq) }
      return Promise.resolve(fake.catchesUp)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => Promise.resolve(),
  }
  const options: AuthorityOptions<typeof schema> = {
    schema,
    authority: ISSUER,
    audience: AUDIENCE,
    client: { id: 'documents', secret: 'not used' },
    bundleKeys: { keys: [] },
    audit,
    now: () => fake.now,
    createId: () => 'correlation',
    onDecision: (event) => fake.events.push(event),
    log: { info: log, warn: log, error: logError },
    schedule: (_delay, callback) => {
      fake.timers.push(callback)
      return () => fake.timers.splice(fake.timers.indexOf(callback), 1)
    },
  }
  const setting = settingOf(options)
  const recorder = {
    record(report: DecisionReport) {
      fake.reports.push(report)
      return { ...report, id: 's.1', n: 1, start: 's', service: 'documents', at: '' }
    },
    keep: (report: DecisionReport) => (fake.isFull ? undefined : recorder.record(report)),
    close: () => Promise.resolve(),
  }
  const grantSets = createGrantSets({
    fetchSet: (token, maxBytes, signal) => fake.fetchSet(token, maxBytes, signal),
    now: () => fake.now,
    maxGrants: grantCacheSize,
  })
  const breakGlass = createBreakGlassWatch({
    load: () => fake.glass,
    keys: createLocalKeys({ keys: [publicJwk(BUNDLE_KEY)] }),
    place: () => placeOf(options, client),
    // the test says when it looks
    schedule: () => () => {},
    log: setting.log,
    operator: createOperatorLog({ log: setting.log, now: () => fake.now, ageSeconds: () => fake.ageSeconds }),
  })
  const source = sourceOver({ feed: client, recorder, grantSets, options, log: setting.log, breakGlass })
  const guard = guardOver(source, setting, options)
  return Object.assign(fake, { guard })
}

/** What the guard of a fake feed decides by. */
export function openBundleOf(
  revision: number,
  sources: BundleContent['policies'],
  definition: SchemaDefinition,
  older: BundleContent['plans'],
): OpenBundle {
  const indexed = createSchema(definition)
  const { policies } = parsePolicySources(sources)
  return {
    content: buildBundle({
      producer: 'test 1.0.0',
      revision,
      notAfterSeconds: NOW + 86_400,
      audience: AUDIENCE,
      forbidErrors: 'deny',
      schema: definition,
      schemaSource: { file: 'schema.cedarschema', text: '' },
      policies: sources,
      program: policies,
      plans: [createPlan({ policies, schema: indexed }), ...older],
      digest: 'sha256:test',
    }),
    program: compileProgram(policies, { schema: indexed }),
    schema: indexed,
    address: `bundle-${revision}`,
  }
}
