// Certificates for tests, made by `openssl`, and requests over real sockets that show them.

import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { certificateThumbprint } from '@cardea/token'
import { basic } from './fixture.ts'

/** A certificate with its key, both in PEM. */
export interface Pair {
  readonly cert: string
  readonly key: string
}

export interface Workshop {
  /** The certificate of the authority of certificates, and the files that a listener reads. */
  readonly ca: string
  readonly files: { readonly certFile: string; readonly keyFile: string; readonly ca: string }
  /** Signed by our authority of certificates. `names` as in `subjectAltName`. */
  signed(subject: string, names?: string): Pair
  selfSigned(subject: string, names?: string): Pair
  /** A file with this text. */
  write(text: string): string
  close(): void
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-utf8']

export function openWorkshop(): Workshop {
  const folder = mkdtempSync(join(tmpdir(), 'cardea-certificates-'))
  let made = 0
  const openssl = (...parameters: string[]): void => {
    try {
      execFileSync('openssl', parameters, { cwd: folder, stdio: 'pipe' })
    } catch (cause) {
      const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
      throw isMissing ? new Error('these tests make certificates with `openssl`: install it', { cause }) : cause
    }
  }
  const write = (text: string): string => {
    made += 1
    const file = join(folder, `text-${made}`)
    writeFileSync(file, text)
    return file
  }
  const pairOf = (name: string): Pair => ({
    cert: readFileSync(join(folder, `${name}.pem`), 'utf8'),
    key: readFileSync(join(folder, `${name}.key`), 'utf8'),
  })
  const selfSigned = (subject: string, names?: string): Pair => {
    made += 1
    const name = `own-${made}`
    const alternative = names === undefined ? [] : ['-addext', `subjectAltName=${names}`]
    openssl(
      'req',
      '-x509',
      ...NEW_KEY,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
      '-subj',
      subject,
      ...alternative,
    )
    return pairOf(name)
  }
  openssl('req', '-x509', ...NEW_KEY, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=authority of tests')
  const signed = (subject: string, names?: string): Pair => {
    made += 1
    const name = `signed-${made}`
    openssl('req', '-new', ...NEW_KEY, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject)
    const extensions = write(names === undefined ? '' : `subjectAltName=${names}`)
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', extensions]
    openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, ...by)
    return pairOf(name)
  }
  const server = signed('/CN=localhost', 'DNS:localhost,IP:127.0.0.1')
  return {
    ca: readFileSync(join(folder, 'ca.pem'), 'utf8'),
    files: { certFile: write(server.cert), keyFile: write(server.key), ca: join(folder, 'ca.pem') },
    signed,
    selfSigned,
    write,
    close: () => rmSync(folder, { recursive: true }),
  }
}

export function thumbprintOf({ cert }: Pair): string {
  return certificateThumbprint(new X509Certificate(cert).raw)
}

/** As RFC 9440 has it. */
export function headerOf({ cert }: Pair): string {
  return `:${new X509Certificate(cert).raw.toString('base64')}:`
}

export interface Sent {
  readonly method?: string
  readonly form?: Readonly<Record<string, string>>
  /** By its secret. */
  readonly client?: string
  /** A list is that many headers. */
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly pair?: Pair | undefined
}

/** One request on a connection of its own. */
export function send(url: string, { method, form, client, headers, pair }: Sent, ca?: string): Promise<Response> {
  const body = form === undefined ? undefined : new URLSearchParams(form).toString()
  const options = {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    agent: false as const,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      ...(client === undefined ? {} : { authorization: basic(client) }),
      ...headers,
    },
  }
  return new Promise((resolve, reject) => {
    const request = url.startsWith('https:')
      ? requestTls(url, { ...options, ...pair, servername: 'localhost', ...(ca === undefined ? {} : { ca }) })
      : requestPlain(url, options)
    request.on('error', reject)
    request.on('response', (answer) => void read(answer).then(resolve, reject))
    request.end(body)
  })
}

async function read(answer: IncomingMessage): Promise<Response> {
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(Buffer.from(chunk))
  const text = Buffer.concat(chunks)
  const headers = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)])
  return new Response(text.length === 0 ? null : text, { status: answer.statusCode ?? 0, headers })
}
