// A listener with TLS of its own: it asks for a certificate, and decides nothing by it.

import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWorkshop, type Pair, send, thumbprintOf, type Workshop } from '../certificates.ts'
import { bodyOf, createWorld, type World } from '../fixture.ts'

let workshop: Workshop
let world: World
let url: string
let client: Pair
beforeAll(async () => {
  workshop = openWorkshop()
  client = workshop.selfSigned('/CN=client')
  world = await createWorld({
    tls: workshop.files,
    audiences: [],
    providers: [],
    directory: [],
    clients: [{ id: 'pinned', certificates: [thumbprintOf(client)] }],
  })
  url = (await world.authority.listen({ port: 0 })).url
})
afterAll(async () => {
  await world.authority.close()
  workshop.close()
})

const form = { grant_type: 'client_credentials', client_id: 'pinned' }

describe('TLS of our own', () => {
  test('serves https, with a client certificate or without one', async () => {
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
    for (const pair of [undefined, client, workshop.signed('/CN=other')]) {
      expect((await send(`${url}/jwks`, { pair }, workshop.ca)).status).toBe(200)
    }
  })

  test('speaks no plain HTTP', async () => {
    await expect(send(`${url.replace('https:', 'http:')}/jwks`, {})).rejects.toThrow()
  })

  test('takes no certificate whose key the caller does not have', async () => {
    const { key } = workshop.selfSigned('/CN=thief')
    await expect(send(`${url}/token`, { form, pair: { cert: client.cert, key } }, workshop.ca)).rejects.toThrow()
  })

  test('reads no header of certificates, for nobody was configured to send one', async () => {
    const answer = await send(`${url}/token`, { form, headers: { 'client-cert': 'x' } }, workshop.ca)
    expect(await bodyOf(answer)).toMatchObject({ code: 'ERR_AUTHORITY_CLIENT' })
  })

  test('knows the certificate of a connection that goes on, also of one that is resumed', async () => {
    const session = await new Promise<Buffer>((resolve, reject) => {
      const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', ca: workshop.ca, ...client })
      socket.on('error', reject)
      socket.once('session', (ticket) => {
        resolve(ticket)
        socket.end()
      })
      socket.write('GET /jwks HTTP/1.1\r\nHost: localhost\r\n\r\n')
    })
    const resumed = await new Promise<string>((resolve, reject) => {
      const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', ca: workshop.ca, session })
      const body = new URLSearchParams(form).toString()
      socket.on('error', reject)
      socket.once('data', (data) => {
        resolve(`${socket.isSessionReused()} ${data.toString().split('\r\n')[0]}`)
        socket.end()
      })
      socket.write(
        `POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      )
    })
    expect(resumed).toBe('true HTTP/1.1 200 OK')
  })
})

describe('files that cannot be used', () => {
  test.each([
    ['a certificate that is not there', () => ({ ...workshop.files, certFile: '/nowhere/cert.pem' })],
    ['a key that is not there', () => ({ ...workshop.files, keyFile: '/nowhere/key.pem' })],
    ['the key of another certificate', () => ({ ...workshop.files, keyFile: workshop.write(client.key) })],
    ['a key in the place of the certificate', () => ({ ...workshop.files, certFile: workshop.files.keyFile })],
    ['a certificate in the place of the key', () => ({ ...workshop.files, keyFile: workshop.files.certFile })],
    ['a `ca` that is none', () => ({ ...workshop.files, ca: workshop.write('none') })],
    ['an empty file', () => ({ ...workshop.files, certFile: workshop.write('') })],
  ])('stop the start: %s', async (_name, tls) => {
    await expect(createWorld({ tls: tls(), publish: false })).rejects.toMatchObject({ code: 'ERR_AUTHORITY_CONFIG' })
  })
})
