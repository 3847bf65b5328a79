import { defineConfig } from 'cardea'

export default defineConfig({
  schema: 'policy/schema.cedarschema',
  policies: 'policy',
  tests: 'policy/policy.test.yaml',
  generated: 'schema.gen.ts',
  authority: {
    audiences: [{ id: 'https://notes.example' }],
    clients: [
      { id: 'notes', secret: { env: 'CARDEA_NOTES_SECRET' }, roles: ['guard'], audiences: ['https://notes.example'] },
    ],
    testUsers: {
      ann: { tenant: 'acme', attributes: { tenant: 'acme' } },
      bob: { tenant: 'acme', attributes: { tenant: 'acme' } },
      eve: { tenant: 'globex', attributes: { tenant: 'globex' } },
    },
  },
})
