// What the options say of certificates and of proxies. What they ask for must be able to come: a client or an audience that needs a
// certificate, where none can be seen, stops the start.

import { isIP } from 'node:net'
import { createAddressReader, createCertificateReader, GuardError } from '@cardea/guard'
import { parseCertificatePem, TokenError } from '@cardea/token'
import { z } from 'zod'
import { AuthorityError } from './errors.ts'
import { parseDistinguishedName } from './identity/distinguished-name.ts'

/** SHA-256 in base64url. */
export const THUMBPRINT: RegExp = /^[A-Za-z0-9_-]{43}$/

const file = z.string().min(1)

/** Members of the options. */
export const certificateMembers = {
  /** TLS of our own, with files in PEM. Left out: plain HTTP, for a proxy in front. */
  tls: z
    .strictObject({
      certFile: file,
      keyFile: file,
      /** A file with the authorities whose certificates may name clients (`certificateSubject`). */
      ca: file.optional(),
    })
    .optional(),
  /** Addresses or CIDR ranges of proxies whose `X-Forwarded-For`, and header of certificates, count. */
  trustedProxies: z.array(z.string()).default([]),
  /**
   * The header in which those proxies pass on the certificate that a client has shown them: `Client-Cert` of RFC 9440, or URL-escaped
   * PEM. They must take away what callers send under that name.
   */
  clientCertificateHeader: z.string().min(1).optional(),
  /** The proxies check the chain of every certificate that they pass on, so that what it names is so. */
  proxiesVerifyCertificates: z.boolean().default(false),
  /** Where the endpoints are for clients with certificates, when that is another address (RFC 8705 section 5). */
  mtlsIssuer: z.url().optional(),
} as const

/** Members of a client. */
export const clientCertificateMembers = {
  /** Its certificates, as thumbprints or in PEM, in place of a secret: it authenticates by `self_signed_tls_client_auth`. */
  certificates: z
    .array(z.string().refine(isCertificate, 'must be an `x5t#S256` thumbprint, or a certificate in PEM'))
    .min(1)
    .max(16)
    .optional(),
  /** The one name in its certificate, in place of a secret: it authenticates by `tls_client_auth`. */
  certificateSubject: z
    .strictObject({
      /** RFC 4514: `CN=billing,O=Example,C=DE`. */
      dn: z
        .string()
        .refine((text) => parseDistinguishedName(text) !== undefined, 'must be a distinguished name (RFC 4514)')
        .optional(),
      dns: z
        .string()
        .regex(/^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/, 'must be the name of one host')
        .optional(),
      uri: z.url().optional(),
      ip: z
        .string()
        .refine((text) => isIP(text) !== 0 && !text.includes('%'), 'must be an address')
        .optional(),
      email: z.email().optional(),
    })
    .refine((names) => Object.keys(names).length === 1, 'must be exactly one of `dn`, `dns`, `uri`, `ip`, `email`')
    .optional(),
  /** Each of its tokens is bound to the certificate that it shows, and it gets none without. */
  certificateBound: z.boolean().default(false),
} as const

export type CertificateSettings = z.output<z.ZodObject<typeof certificateMembers>>
export type ClientCertificateSettings = z.output<z.ZodObject<typeof clientCertificateMembers>>

/** These among all settings, as far as they are checked together. */
interface WholeSettings extends CertificateSettings {
  readonly issuer: string
  readonly clients: readonly ({ readonly id: string } & ClientCertificateSettings)[]
  readonly audiences: readonly { readonly id: string; readonly certificateRequired: boolean }[]
}

/** Whether a client's certificate can be seen at all. */
export function seesCertificates({
  tls,
  clientCertificateHeader,
}: Pick<CertificateSettings, 'tls' | 'clientCertificateHeader'>): boolean {
  return tls !== undefined || clientCertificateHeader !== undefined
}

/** Whether what a certificate says of its holder can be known to be so. */
export function verifiesCertificates(
  settings: Pick<CertificateSettings, 'tls' | 'clientCertificateHeader' | 'proxiesVerifyCertificates'>,
): boolean {
  const { tls, clientCertificateHeader, proxiesVerifyCertificates } = settings
  return tls?.ca !== undefined || (clientCertificateHeader !== undefined && proxiesVerifyCertificates)
}

/** Errors: `ERR_AUTHORITY_CONFIG`. */
export function checkCertificates(settings: WholeSettings): void {
  checkProxies(settings)
  checkAddresses(settings)
  const { clients, audiences } = settings
  const needy = [
    ...clients
      .filter(({ certificates, certificateSubject, certificateBound }) =>
        Boolean(certificates ?? certificateSubject ?? certificateBound),
      )
      .map(({ id }) => `the client \`${id}\``),
    ...audiences.filter(({ certificateRequired }) => certificateRequired).map(({ id }) => `the audience \`${id}\``),
  ]
  if (needy[0] !== undefined && !seesCertificates(settings)) {
    throw misconfigured(`${needy[0]} needs certificates: set \`tls\`, or \`clientCertificateHeader\``)
  }
  const named = clients.find(({ certificateSubject }) => certificateSubject !== undefined)
  if (named !== undefined && !verifiesCertificates(settings)) {
    throw misconfigured(
      `nobody checks what certificates say of the client \`${named.id}\`: set \`tls.ca\`, or \`proxiesVerifyCertificates\``,
    )
  }
}

function checkProxies(settings: CertificateSettings): void {
  try {
    createAddressReader(settings.trustedProxies)
    createCertificateReader(settings)
  } catch (cause) {
    if (cause instanceof GuardError) throw new AuthorityError('ERR_AUTHORITY_CONFIG', cause.message, { cause })
    throw cause
  }
  if (settings.proxiesVerifyCertificates && settings.clientCertificateHeader === undefined) {
    throw misconfigured('`proxiesVerifyCertificates` needs `clientCertificateHeader`')
  }
}

function checkAddresses(settings: WholeSettings): void {
  const { tls, issuer, mtlsIssuer } = settings
  if (tls !== undefined && !issuer.startsWith('https:')) throw misconfigured('`tls` needs an https `issuer`')
  if (mtlsIssuer === undefined) return
  if (!seesCertificates(settings)) throw misconfigured('`mtlsIssuer` needs `tls` or `clientCertificateHeader`')
  const [own, other] = [new URL(issuer), new URL(mtlsIssuer)]
  const isPlain = other.search === '' && other.hash === '' && other.username === '' && !mtlsIssuer.endsWith('/')
  if (other.protocol !== 'https:' || !isPlain || other.pathname !== own.pathname) {
    throw misconfigured('`mtlsIssuer` must be an https URL with the path of `issuer` and nothing behind it')
  }
}

function isCertificate(text: string): boolean {
  if (THUMBPRINT.test(text)) return true
  try {
    parseCertificatePem(text)
    return true
  } catch (error) {
    if (error instanceof TokenError) return false
    throw error
  }
}

function misconfigured(message: string): AuthorityError {
  return new AuthorityError('ERR_AUTHORITY_CONFIG', message)
}
