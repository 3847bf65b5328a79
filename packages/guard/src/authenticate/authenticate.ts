// From a request to a caller, in small steps: credentials, signature and claims, proof of possession, binding, position in the log,
// grants that the token names, standing, principal. Everything that waits comes before everything that decides, so that nothing is decided on old news.

import type { OpenGrantSet } from '@cardea/claims'
import { bindingMismatches, certificateThumbprint, TokenError, type VerifiedToken } from '@cardea/token'
import { type Caller, type Callers, createCallers } from '../auth/caller.ts'
import { isSoftened, type Mismatch } from '../auth/mismatch.ts'
import { requestFacts, type RequestFacts } from '../auth/request-context.ts'
import { lapseOf } from '../auth/standing.ts'
import { type Kernel, record, refuse } from '../kernel.ts'
import type { Edition } from '../edition/edition.ts'
import type { DpopOptions, GuardOptions } from '../options.ts'
import { catchUp, mayBeBehind } from './catch-up.ts'
import { type AddressReader, createAddressReader } from './client-address.ts'
import { type CertificateReader, createCertificateReader } from './client-certificate.ts'
import { type Credentials, readCredentials } from './credentials.ts'
import { createKeyProver } from './prove-key.ts'
import { CLAIMS_OUTDATED, refusedToken } from './refused-token.ts'
import type { GuardRequest } from './request.ts'
import { MALFORMED, NO_POLICIES, NO_TOKEN, Stop, UNBOUND } from './stop.ts'

/** Who was let in, and what is known of the request. */
export interface Authenticated {
  readonly caller: Caller
  readonly facts: RequestFacts
  readonly correlation: string
}

export interface Authenticator {
  /** Throws `UnauthenticatedError`, and a plain `DeniedError` for another tenant's address; both recorded. */
  authenticate(request: GuardRequest, correlation: string): Promise<Authenticated>
}

/** Throws `ERR_GUARD_OPTIONS` for proxies that cannot be read, and for a header of certificates without proxies. */
export function createAuthenticator(kernel: Kernel, options: GuardOptions): Authenticator {
  const steps = new Steps(kernel, options)
  const { dpop, origin } = options
  const proveKey = createKeyProver({
    now: kernel.source.now,
    ...(dpop === undefined ? {} : { dpop }),
    ...(origin === undefined ? {} : { origin }),
  })
  return {
    async authenticate(request, correlation) {
      let token: VerifiedToken | undefined
      try {
        const credentials = steps.credentials(request)
        const address = steps.address(request)
        const certificate = steps.certificate(request)
        token = await kernel.source.verifier.verify(credentials.token)
        const thumbprint = credentials.scheme === 'DPoP' ? await proveKey(credentials, request) : undefined
        const mismatches = steps.checkBinding(token, { credentials, thumbprint, certificate, address }, request)
        if (mayBeBehind(kernel.source, token, request)) await catchUp(kernel.source, token, request)
        const grantSet = steps.namesGrants(token) ? await steps.grantSet(token, credentials, request) : undefined
        return steps.admit({ token, grantSet, address, mismatches, correlation })
      } catch (thrown) {
        const { refused, cause } = thrown instanceof Stop ? thrown : { refused: refusedToken(thrown), cause: thrown }
        const { reason, answer, code } = refused
        const facts = { decision: 'deny', reason, checkpoint: 'authenticate', policies: [], correlation } as const
        record(kernel, code === undefined ? facts : { ...facts, code }, undefined, token)
        throw refuse(kernel, { reason, answer, correlation, cause })
      }
    },
  }
}

const FITS: readonly Mismatch[] = Object.freeze([])

/** What was found out about a request before its binding is checked. */
interface Proven {
  readonly credentials: Credentials
  readonly thumbprint: string | undefined
  /** DER. */
  readonly certificate: Uint8Array | undefined
  readonly address: string | undefined
}

/** Who is let in, as far as it is known. */
interface Admission {
  readonly token: VerifiedToken
  /** What the token names, if it names grants and somebody has them. */
  readonly grantSet: OpenGrantSet | undefined
  readonly address: string | undefined
  /** What does not fit, and some action lets pass. */
  readonly mismatches: readonly Mismatch[]
  readonly correlation: string
}

class Steps {
  readonly #kernel: Kernel
  readonly #options: GuardOptions
  readonly #dpop: DpopOptions
  readonly #addressOf: AddressReader
  readonly #certificateOf: CertificateReader
  readonly #callers: Callers = createCallers()
  /** With a set that is not remembered any more its callers go, so that the bound on sets is one on all that comes of them. */
  readonly #callersBySet = new WeakMap<OpenGrantSet, Callers>()

  constructor(kernel: Kernel, options: GuardOptions) {
    const { dpop = {}, trustedProxies = [] } = options
    this.#kernel = kernel
    this.#options = options
    this.#dpop = dpop
    this.#addressOf = createAddressReader(trustedProxies)
    this.#certificateOf = createCertificateReader(options)
  }

  credentials({ headers, rawHeaders }: GuardRequest): Credentials {
    const result = readCredentials(headers, rawHeaders)
    if (result.kind === 'none') throw new Stop(NO_TOKEN)
    if (result.kind === 'malformed') throw new Stop(MALFORMED)
    return result.credentials
  }

  address({ address, headers }: GuardRequest): string | undefined {
    return this.#addressOf(address, headers)
  }

  certificate({ address: peer, certificate, headers, rawHeaders }: GuardRequest): Uint8Array | undefined {
    try {
      return this.#certificateOf({ peer, certificate, headers, rawHeaders })?.der
    } catch (error) {
      if (!(error instanceof TokenError)) throw error
      throw new Stop({ ...MALFORMED, code: error.code }, error)
    }
  }

  /** RFC 9449 section 7, RFC 8705 section 3, our `net` and `tenant`. What does not fit ends the walk, unless some action lets it pass. */
  checkBinding(
    token: VerifiedToken,
    { credentials, thumbprint, certificate, address }: Proven,
    request: GuardRequest,
  ): readonly Mismatch[] {
    const { scheme, proof } = credentials
    const tenant = request.tenant ?? this.#options.tenantOf?.(request)
    if (this.#dpop.required === true && token.claims.cnf?.jkt === undefined) throw new Stop(UNBOUND)
    const found = bindingMismatches(token, {
      scheme,
      ...(thumbprint === undefined ? {} : { dpopThumbprint: thumbprint }),
      ...(certificate === undefined ? {} : { certificateThumbprint: certificateThumbprint(certificate) }),
      ...(address === undefined ? {} : { address }),
      ...(tenant === undefined ? {} : { tenant }),
    })
    if (found.length === 0) return FITS
    const mismatches = found.map(({ kind, error }) => ({ kind, lapse: { ...refusedToken(error), cause: error } }))
    // a proof that does not hold is an attack, one that is not looked at is no better, and who requires proofs means it
    const isFirm = scheme === 'DPoP' || proof !== undefined || this.#dpop.required === true
    const edition = this.#kernel.source.edition()
    if ((isFirm && found.some(({ kind }) => kind === 'key')) || edition === undefined) throw stopFor(mismatches)
    this.#requireSoftened(mismatches, edition)
    return mismatches
  }

  #requireSoftened(mismatches: readonly Mismatch[], edition: Edition): void {
    if (mismatches.length > 0 && !isSoftened(mismatches, edition)) throw stopFor(mismatches)
  }

  namesGrants({ claims }: VerifiedToken): boolean {
    return claims['grants_ref'] !== undefined && this.#kernel.source.grantSets !== undefined
  }

  /**
   * The grants that the token names. They are fetched for a token that stands, and for nobody else; what was heard meanwhile is waited
   * for again. Throws `ERR_CLAIMS_GRANTS_REF`, `ERR_GUARD_GRANTS`.
   */
  async grantSet(
    token: VerifiedToken,
    credentials: Credentials,
    request: GuardRequest,
  ): Promise<OpenGrantSet | undefined> {
    const { source } = this.#kernel
    const { grantSets } = source
    const known = grantSets?.find(token)
    if (grantSets === undefined || known !== undefined) return known
    this.#requireStanding(token)
    const fetched = await grantSets.load(token, credentials.token)
    if (mayBeBehind(source, token, request)) await catchUp(source, token, request)
    return fetched
  }

  /** Waits for nothing: what holds here holds when the handler begins. */
  admit({ token, grantSet, address, mismatches, correlation }: Admission): Authenticated {
    const { source } = this.#kernel
    this.#requireStanding(token)
    const edition = source.edition()
    if (edition === undefined) throw new Stop(NO_POLICIES)
    // other policies may have come while it waited
    this.#requireSoftened(mismatches, edition)
    const callers = this.#callersOf(grantSet)
    const caller = callers.get(token, edition) ?? this.#meet(token, edition, grantSet, callers)
    const facts = requestFacts(caller.tokenFacts, caller.readAddress(address), () => source.now(), mismatches)
    return { caller, facts, correlation }
  }

  #requireStanding(token: VerifiedToken): void {
    const lapse = lapseOf(token, this.#kernel.source, this.#options.clockToleranceSeconds ?? 0)
    if (lapse !== undefined) throw new Stop(lapse)
  }

  #callersOf(grantSet: OpenGrantSet | undefined): Callers {
    if (grantSet === undefined) return this.#callers
    let callers = this.#callersBySet.get(grantSet)
    if (callers === undefined) this.#callersBySet.set(grantSet, (callers = createCallers()))
    return callers
  }

  #meet(token: VerifiedToken, edition: Edition, grantSet: OpenGrantSet | undefined, callers: Callers): Caller {
    const { source } = this.#kernel
    const plan = source.planOf(token.claims, edition)
    if (plan === undefined) throw new Stop(CLAIMS_OUTDATED)
    return callers.add({ token, edition, plan, grantSet, source })
  }
}

/** The refusal of the first that does not fit, as if it were the only one. */
function stopFor([first]: readonly Mismatch[]): Stop {
  return first === undefined ? new Stop(UNBOUND) : new Stop(first.lapse, first.lapse.cause)
}
