// The guard: one per service. It holds the source of policies and news, lets callers in, and makes their `auth`.

import type { Position } from '@cardea/feed'
import type { GeneratedSchema, SchemaDefinition } from '@cardea/policy'
import { SIGNATURE_ALGORITHMS } from '@cardea/token'
import type { Auth } from './auth/auth.ts'
import { createDeciders } from './auth/decider.ts'
import { RequestAuth, typedAuth } from './auth/request-auth.ts'
import { createAuthenticator } from './authenticate/authenticate.ts'
import type { GuardRequest } from './authenticate/request.ts'
import type { ChallengeFacts } from './challenge.ts'
import { GuardError } from './errors.ts'
import { Ledger } from './gate/ledger.ts'
import type { Kernel } from './kernel.ts'
import { createOperatorLog } from './operator-log.ts'
import type { AuthorityOptions, GuardOptions, StandaloneOptions } from './options.ts'
import type { RegisteredSchema } from './register.ts'
import { metadataAddress, type ResourceMetadata, resourceMetadata } from './resource-metadata.ts'
import { type Setting, settingOf } from './setting.ts'
import { createAuthoritySource } from './source/authority.ts'
import type { Source } from './source/source.ts'
import { createStandaloneSource } from './source/standalone.ts'

export interface Guard<S extends SchemaDefinition = RegisteredSchema> {
  /**
   * Who asks. Throws `UnauthenticatedError` (401 with its challenge, 400, or 503 when it cannot be known) and, for an address of
   * another tenant, `DeniedError` (404). Decides nothing: the returned `auth` does. Where an action softens what becomes of a binding that
   * does not fit, such a token is let in, and each question has the rule of its action: who asks nothing has let nobody in.
   */
  authenticate(request: GuardRequest): Promise<Auth<S>>
  state(): GuardState
  /** Stops following the authority and sends what is recorded. */
  close(): Promise<void>
}

export interface GuardState {
  readonly mode: 'standalone' | 'authority'
  readonly revision: number | undefined
  readonly position: Position | undefined
  /** How old the news are; 0 where there are none to follow. */
  readonly ageSeconds: number
  /** What lets the news be older than the actions accept, while it counts. */
  readonly breakGlass: BreakGlassState | undefined
}

export interface BreakGlassState {
  /** As decision records name it. */
  readonly id: string
  /** Unix seconds, exclusive. */
  readonly untilSeconds: number
  readonly maxStaleSeconds: number
  /** `undefined`: all. */
  readonly actions: readonly string[] | undefined
}

/**
 * Makes a guard. With `policies` it stands alone; with `authority` it follows one, and resolves when the first state is there.
 * Throws `GuardError`, `PolicyError`, `ClaimsError`, `TokenError` or `FeedError`: a guard that cannot be right does not start.
 */
export async function createGuard<const S extends GeneratedSchema>(options: GuardOptions<S>): Promise<Guard<S>> {
  const setting = settingOf(options)
  const source = await createSource(options, setting)
  return guardOver(source, setting, options)
}

/** What adapters need of a guard beyond its face. */
export interface GuardInternals {
  readonly kernel: Kernel
  readonly metadata: ResourceMetadata | undefined
  /** The actions that a route may name. */
  readonly actions: ReadonlySet<string>
  enter(request: GuardRequest, correlation: string, ledger: Ledger): Promise<RequestAuth>
}

const internals = new WeakMap<object, GuardInternals>()

/** For adapters of this package; `TypeError` for what `createGuard` did not make. */
export function internalsOf(guard: Guard<never> | object): GuardInternals {
  const found = internals.get(guard)
  if (found === undefined) throw new TypeError('`guard` must come from `createGuard`')
  return found
}

/** Joins a source with the rest. Exported for tests that bring a source of their own. */
export function guardOver<S extends GeneratedSchema>(
  source: Source,
  setting: Setting,
  options: GuardOptions<S>,
): Guard<S> {
  const kernel = kernelOf(source, setting, options)
  const authenticator = createAuthenticator(kernel, options)
  const toleranceSeconds = options.clockToleranceSeconds ?? 0

  async function enter(request: GuardRequest, correlation: string, ledger: Ledger): Promise<RequestAuth> {
    const { caller, facts } = await authenticator.authenticate(request, correlation)
    return new RequestAuth({ kernel, caller, facts, correlation, ledger, toleranceSeconds })
  }

  const guard: Guard<S> = Object.freeze({
    async authenticate(request: GuardRequest): Promise<Auth<S>> {
      return typedAuth<S>(await enter(request, setting.createId(), new Ledger()))
    },
    state: () => ({
      mode: source.mode,
      revision: source.edition()?.revision,
      position: source.position(),
      ageSeconds: source.ageSeconds(),
      breakGlass: breakGlassState(source),
    }),
    close: () => source.close(),
  })
  internals.set(guard, {
    kernel,
    metadata: resourceMetadata(options),
    actions: new Set(Object.keys(options.schema.actions)),
    enter,
  })
  return guard
}

function breakGlassState(source: Source): BreakGlassState | undefined {
  const statement = source.breakGlass()
  if (statement === undefined) return undefined
  const { jti, exp, maxStaleSeconds, actions } = statement
  return { id: jti, untilSeconds: exp, maxStaleSeconds, actions }
}

function createSource(options: GuardOptions, setting: Setting): Promise<Source> {
  if (isAuthority(options)) return createAuthoritySource(options, setting)
  // in a program without types, a `block` that is silently not applied would be a door
  if (options.audit !== undefined) throw new GuardError('ERR_GUARD_OPTIONS', '`audit` needs an `authority`')
  if (options.breakGlassFile !== undefined) {
    throw new GuardError('ERR_GUARD_OPTIONS', '`breakGlassFile` needs an `authority`')
  }
  if (isStandalone(options)) return createStandaloneSource(options, setting)
  throw new GuardError('ERR_GUARD_OPTIONS', 'a guard needs `policies` with `issuer`, or `authority` with `client`')
}

function isAuthority(options: GuardOptions): options is AuthorityOptions {
  return options.authority !== undefined && options.policies === undefined
}

function isStandalone(options: GuardOptions): options is StandaloneOptions {
  return options.policies !== undefined && options.issuer !== undefined && options.authority === undefined
}

function kernelOf(source: Source, setting: Setting, options: GuardOptions): Kernel {
  const metadata = metadataAddress(options)
  const challenge: ChallengeFacts = {
    schemes: options.dpop?.required === true ? ['DPoP'] : ['Bearer', 'DPoP'],
    algorithms: SIGNATURE_ALGORITHMS,
    ...(metadata === undefined ? {} : { resourceMetadata: metadata }),
  }
  return Object.freeze({
    setting,
    source,
    operator: createOperatorLog({ log: setting.log, now: setting.now, ageSeconds: () => source.ageSeconds() }),
    deciders: createDeciders(options),
    challenge,
    nonceHeader: () => (options.dpop?.nonces === undefined ? {} : { 'dpop-nonce': options.dpop.nonces.issue() }),
    onDecision: (event: Parameters<Kernel['onDecision']>[0]) => options.onDecision?.(event),
  })
}
