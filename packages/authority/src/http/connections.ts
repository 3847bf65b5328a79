// Who is at the other end of a connection: address and certificate, of the connection itself or as a configured proxy vouches for
// them. By the readers of the guard, so that both sides believe the same.

import { TLSSocket } from 'node:tls'
import type { HttpBindings } from '@hono/node-server'
import { createAddressReader, createCertificateReader } from '@cardea/guard'
import { certificateThumbprint, TokenError } from '@cardea/token'
import { AuthorityError } from '../errors.ts'
import type { ClientCertificate } from '../identity/client-certificates.ts'
import type { Settings } from '../options.ts'
import type { AppContext } from './context.ts'

export interface Connections {
  /** The caller's, in its plain form; `undefined` when it is not known. */
  addressOf(context: AppContext): string | undefined
  /** Errors: `ERR_AUTHORITY_CERTIFICATE_HEADER` for a header of a proxy that cannot be read. */
  certificateOf(context: AppContext): ClientCertificate | undefined
}

export type ConnectionSettings = Pick<
  Settings,
  'tls' | 'trustedProxies' | 'clientCertificateHeader' | 'proxiesVerifyCertificates'
>

/** Throws `ERR_GUARD_OPTIONS`; `checkOptions` has found such settings before. */
export function createConnections(settings: ConnectionSettings): Connections {
  const readAddress = createAddressReader(settings.trustedProxies)
  const readCertificate = createCertificateReader(settings)
  return {
    addressOf(context) {
      const incoming = incomingOf(context)
      return readAddress(incoming?.socket.remoteAddress, incoming?.headers ?? {})
    },
    certificateOf(context) {
      const incoming = incomingOf(context)
      if (incoming === undefined) return undefined
      const { socket, headers, rawHeaders } = incoming
      const shown = shownCertificate(socket)
      try {
        const found = readCertificate({ peer: socket.remoteAddress, certificate: shown?.der, headers, rawHeaders })
        if (found === undefined) return undefined
        const { der, from } = found
        // without a `ca` of ours, whom the machine trusts is no answer to who may name clients
        const isVerified =
          from === 'proxy'
            ? settings.proxiesVerifyCertificates
            : settings.tls?.ca !== undefined && shown?.isAuthorized === true
        return { der, thumbprint: certificateThumbprint(der), isVerified }
      } catch (cause) {
        if (cause instanceof TokenError)
          throw new AuthorityError('ERR_AUTHORITY_CERTIFICATE_HEADER', undefined, { cause })
        throw cause
      }
    },
  }
}

type Incoming = HttpBindings['incoming']

/** A test's request has none. */
function incomingOf(context: AppContext): Incoming | undefined {
  const bindings: Partial<HttpBindings> | undefined = context.env
  return bindings?.incoming
}

/** TLS has proven that the caller holds the key, whoever signed the certificate. */
function shownCertificate(
  socket: Incoming['socket'],
): { readonly der: Uint8Array; readonly isAuthorized: boolean } | undefined {
  if (!(socket instanceof TLSSocket)) return undefined
  const certificate = socket.getPeerX509Certificate()
  return certificate === undefined ? undefined : { der: certificate.raw, isAuthorized: socket.authorized }
}
