// What `cardea.config.ts` may say. Unknown names are errors, so that a misspelt bound is never silently unlimited. What is said of the
// authority is checked by the authority itself; here only the paths and the references to secrets are read.

import type { AuthorityOptions } from '@cardea/authority'
import { z } from 'zod'

const path = z.string().min(1)

const url = z
  .url({ protocol: /^https?$/, error: 'must be an http or https address' })
  .refine((text) => URL.parse(text)?.username === '' && URL.parse(text)?.password === '', {
    error: 'must not hold credentials',
  })

const secret = z.union([z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: path })])

export const configSchema = z.strictObject({
  schema: path.default('policy/schema.cedarschema'),
  policies: path.default('policy'),
  tests: path.default('policy/policy.test.yaml'),
  generated: path.default('schema.gen.ts'),
  mappings: z
    .union([
      path.transform((module): { module: string; actions?: string[] | undefined } => ({ module })),
      z.strictObject({ module: path, actions: z.array(path).optional() }),
    ])
    .optional(),
  forbidErrors: z.enum(['deny', 'skip']).default('deny'),
  authority: z
    .looseObject({
      url: url.default('http://127.0.0.1:8181'),
      store: z.union([path, secret]).default('.cardea/authority.sqlite'),
      key: secret.optional(),
      previousKeys: z.array(secret).default([]),
      tls: z.strictObject({ certFile: path, keyFile: path, ca: path.optional() }).optional(),
      clients: z.array(z.looseObject({ id: z.string().min(1), secret: secret.optional() })).default([]),
    })
    .prefault({}),
})

/** A secret is never in the file: this names the environment variable or the file that holds it. */
export type SecretReference = z.output<typeof secret>

type Own = 'issuer' | 'store' | 'key' | 'previousKeys' | 'clients' | 'development' | 'now' | 'fetch' | 'log'
type Client = Omit<NonNullable<AuthorityOptions['clients']>[number], 'secret'>

/** What a user writes. Everything is optional; paths are relative to the file. */
export interface CardeaConfig {
  /** The Cedar schema; `policy/schema.cedarschema` by default. */
  readonly schema?: string
  /** A folder of `*.cedar` files, or one file; `policy` by default. */
  readonly policies?: string
  /** The test matrix; `policy/policy.test.yaml` by default. */
  readonly tests?: string
  /** Where `cardea generate` writes the typed schema; `schema.gen.ts` by default. */
  readonly generated?: string
  /**
   * The module that exports the entity mappings. Then `check`, `dev` and `publish` refuse policies that a list of these entities could
   * not express as a query: for every action, or for the named ones.
   */
  readonly mappings?: string | { readonly module: string; readonly actions?: readonly string[] }
  /** What a `forbid` that cannot be decided does; `deny` by default. */
  readonly forbidErrors?: 'deny' | 'skip'
  /** The authority, for `cardea serve` and `cardea dev`, and where to find it for the other commands. */
  readonly authority?: Omit<AuthorityOptions, Own> & {
    /** Its address and issuer id; `http://127.0.0.1:8181` by default. */
    readonly url?: string
    /**
     * Its SQLite file, `.cardea/authority.sqlite` by default; or PostgreSQL, whose address is a secret when it holds a password:
     * `{ env: 'DATABASE_URL' }`.
     */
    readonly store?: string | SecretReference
    /** 32 bytes in base64 that encrypt its private keys at rest. */
    readonly key?: SecretReference
    /** Encryption keys of before, until `cardea keys reseal` has run. */
    readonly previousKeys?: readonly SecretReference[]
    readonly clients?: readonly (Client & { readonly secret?: SecretReference })[]
  }
}

/** What the command works with: defaults filled in, paths absolute. */
export type EffectiveConfig = z.output<typeof configSchema>
