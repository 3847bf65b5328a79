// RFC 9728: what a service says of itself.

import { describe, expect, test } from 'vitest'
import type { GuardOptions } from '../src/options.ts'
import { resourceMetadata } from '../src/resource-metadata.ts'

const AUDIENCE = 'https://documents.example/api'
const of = (options: Partial<GuardOptions>): ReturnType<typeof resourceMetadata> =>
  resourceMetadata({ audience: AUDIENCE, ...options } as GuardOptions)

describe('the metadata of a service', () => {
  test('name the kind of details that tokens of an authority hold', () => {
    expect(of({ authority: 'https://authority.example' })).toMatchObject({
      resource: AUDIENCE,
      authorization_servers: ['https://authority.example'],
      authorization_details_types_supported: ['cardea_grant'],
    })
  })

  test('name none where tokens come from elsewhere', () => {
    expect(of({ issuer: 'https://idp.example' })).not.toHaveProperty('authorization_details_types_supported')
  })

  test('say that certificates are taken where proxies pass them on', () => {
    const issuer = 'https://idp.example'
    expect(of({ issuer, trustedProxies: ['10.0.0.1'], clientCertificateHeader: 'client-cert' })).toMatchObject({
      tls_client_certificate_bound_access_tokens: true,
    })
    expect(of({ issuer })).not.toHaveProperty('tls_client_certificate_bound_access_tokens')
  })

  test.each(['documents', 'http://documents.example', `${AUDIENCE}#part`, `${AUDIENCE}?a=b`])(
    'of %s there are none',
    (audience) => {
      expect(of({ audience, issuer: 'https://idp.example' })).toBeUndefined()
    },
  )
})
