// Clients that prove who they are with the certificate of their connection (RFC 8705 section 2): one that is registered itself, or
// one that names the client and comes from an authority that is trusted to name clients.

import { timingSafeEqual, X509Certificate } from 'node:crypto'
import { certificateThumbprint, parseCertificatePem } from '@cardea/token'
import { type ClientCertificateSettings, THUMBPRINT } from '../certificate-options.ts'
import type { CertificateIdentity, SubjectName } from '../store/records.ts'
import { isSameName, parseDistinguishedName, readSubject } from './distinguished-name.ts'

/** A certificate whose key the caller has proven to hold, to this process or to a proxy. */
export interface ClientCertificate {
  readonly der: Uint8Array
  /** RFC 8705 section 3.1. */
  readonly thumbprint: string
  /** Its chain was checked by who is configured to: it ends at `tls.ca`, or the proxies have verified it. */
  readonly isVerified: boolean
}

/** `undefined` for a client that authenticates otherwise. The settings were checked. Throws `ERR_TOKEN_CERTIFICATE`. */
export function certificateIdentityOf({
  certificates,
  certificateSubject,
}: Pick<ClientCertificateSettings, 'certificates' | 'certificateSubject'>): CertificateIdentity | undefined {
  if (certificates !== undefined) {
    return { method: 'self_signed_tls_client_auth', thumbprints: certificates.map(thumbprintOf) }
  }
  const name = certificateSubject === undefined ? undefined : subjectNameOf(certificateSubject)
  return name === undefined ? undefined : { method: 'tls_client_auth', name }
}

/** Whether the certificate is the client's. Looks at every thumbprint, each in constant time. */
export function certificateMatches(identity: CertificateIdentity, certificate: ClientCertificate): boolean {
  if (identity.method === 'tls_client_auth') return certificate.isVerified && bears(identity.name, certificate.der)
  const given = Buffer.from(certificate.thumbprint)
  return identity.thumbprints.map((known) => timingSafeEqual(given, Buffer.from(known))).includes(true)
}

function thumbprintOf(text: string): string {
  return THUMBPRINT.test(text) ? text : certificateThumbprint(parseCertificatePem(text))
}

function subjectNameOf(
  settings: NonNullable<ClientCertificateSettings['certificateSubject']>,
): SubjectName | undefined {
  const kinds = ['dn', 'dns', 'uri', 'ip', 'email'] as const
  for (const kind of kinds) {
    const value = settings[kind]
    if (value !== undefined) return { kind, value }
  }
  return undefined
}

function bears({ kind, value }: SubjectName, der: Uint8Array): boolean {
  const certificate = new X509Certificate(der)
  switch (kind) {
    case 'dn': {
      const [wanted, found] = [parseDistinguishedName(value), readSubject(certificate.subject)]
      return wanted !== undefined && found !== undefined && isSameName(wanted, found)
    }
    // a wildcard names many, and a common name is no host
    case 'dns':
      return certificate.checkHost(value, { subject: 'never', wildcards: false }) !== undefined
    case 'ip':
      return certificate.checkIP(value) !== undefined
    case 'email':
      return certificate.checkEmail(value, { subject: 'never' }) !== undefined
    case 'uri':
      return urisOf(certificate.subjectAltName).includes(value)
    default:
      return kind satisfies never
  }
}

/** The URIs among the alternative names as Node shows them; none when there is anything that cannot be read. */
function urisOf(names: string | undefined): readonly string[] {
  if (names === undefined) return []
  const uris: string[] = []
  const entry = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/y
  while (entry.lastIndex < names.length) {
    const [, kind, value = ''] = entry.exec(names) ?? []
    if (kind === undefined) return []
    if (kind === 'URI') uris.push(value.startsWith('"') ? String(JSON.parse(value)) : value)
  }
  return uris
}
