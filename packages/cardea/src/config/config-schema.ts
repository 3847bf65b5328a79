// What `cardea.config.ts` may say. Unknown names are errors, so that a misspelt bound is never silently unlimited.

import { z } from 'zod'

const path = z.string().min(1)

/** A secret is never in the file: it names an environment variable or a file that holds it. */
const secret = z.union([z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: path })])

const client = z.strictObject({
  id: z.string().min(1),
  /** Left out: a public client. */
  secret: secret.optional(),
  roles: z.array(z.enum(['admin', 'guard', 'granter'])).default([]),
  audiences: z.array(z.string()).default([]),
})

const provider = z.strictObject({
  issuer: z.url(),
  /** The clients whose ID tokens are taken from this provider. */
  clients: z.array(z.string()).min(1),
  tenants: z.array(z.string()).min(1),
  /** The claim that names the tenant, when the provider serves several. */
  tenantClaim: z.string().optional(),
  subjectClaim: z.string().default('sub'),
  /** Attribute of the principal to the claim that supplies it. */
  attributes: z.record(z.string(), z.string()).default({}),
  /** Parent entity type to the claim that lists the ids. */
  parents: z.record(z.string(), z.string()).default({}),
})

const audience = z.strictObject({
  id: z.string().min(1),
  tokenSeconds: z.int().min(1).max(86_400).default(300),
  dpopRequired: z.boolean().default(false),
})

const testUser = z.strictObject({
  tenant: z.string(),
  attributes: z.record(z.string(), z.unknown()).default({}),
  /** `Team::"blue"`, `Role::"admin"` ... */
  parents: z.array(z.string()).default([]),
})

export const configSchema = z.strictObject({
  /** The Cedar schema. */
  schema: path.default('policy/schema.cedarschema'),
  /** A folder of `*.cedar` files, or one file. */
  policies: path.default('policy'),
  /** The test matrix. */
  tests: path.default('policy/policy.test.yaml'),
  /** Where `cardea generate` writes the typed schema. */
  generated: path.default('schema.gen.ts'),
  forbidErrors: z.enum(['deny', 'skip']).default('deny'),
  authority: z
    .strictObject({
      url: z.url().default('http://127.0.0.1:8181'),
      /** The SQLite file. */
      store: path.default('.cardea/authority.sqlite'),
      /** Encrypts private keys at rest: 32 bytes in base64. In development one is made and kept beside the store. */
      key: secret.optional(),
      clients: z.array(client).default([]),
      providers: z.array(provider).default([]),
      audiences: z.array(audience).default([]),
      /** Development only. */
      testUsers: z.record(z.string(), testUser).default({}),
    })
    .prefault({}),
})

/** What a user writes: everything is optional. */
export type CardeaConfig = z.input<typeof configSchema>

/** What the command works with: defaults filled in. */
export type EffectiveConfig = z.output<typeof configSchema>
