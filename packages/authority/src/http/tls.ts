// The own TLS of an authority: certificate and key from files, read once at start. Of clients a certificate is asked, and none is
// required or refused here: what one is good for is decided at the endpoints.

import { readFile } from 'node:fs/promises'
import type { ServerOptions } from 'node:https'
import { createSecureContext } from 'node:tls'
import { AuthorityError } from '../errors.ts'
import type { Settings } from '../options.ts'

/** What a listener needs; `undefined` where there is no TLS of our own. Errors: `ERR_AUTHORITY_CONFIG`. */
export async function loadTls(tls: Settings['tls']): Promise<ServerOptions | undefined> {
  if (tls === undefined) return undefined
  const [cert, key, ca] = await Promise.all([
    readPem(tls.certFile, 'certFile', 'CERTIFICATE'),
    readPem(tls.keyFile, 'keyFile', 'PRIVATE KEY'),
    tls.ca === undefined ? undefined : readPem(tls.ca, 'ca', 'CERTIFICATE'),
  ])
  try {
    createSecureContext({ cert, key, ca })
  } catch (cause) {
    throw new AuthorityError('ERR_AUTHORITY_CONFIG', '`tls`: the certificate and the key cannot be used together', {
      cause,
    })
  }
  // an empty list: nobody that this machine trusts for other purposes names clients
  return { cert, key, ca: ca ?? [], requestCert: true, rejectUnauthorized: false }
}

async function readPem(file: string, name: string, label: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new AuthorityError('ERR_AUTHORITY_CONFIG', `\`tls.${name}\` cannot be read`, { cause })
  })
  if (text.includes(`${label}-----`)) return text
  throw new AuthorityError('ERR_AUTHORITY_CONFIG', `\`tls.${name}\` is not in PEM`)
}
