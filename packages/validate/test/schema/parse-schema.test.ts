import { createSchema } from '@cardea/policy'
import { describe, expect, it } from 'vitest'
import { createValidator, SCHEMA_LIMITS } from '../../src/index.ts'
import { publishedCases, sharedValidator, spots } from '../fixture.ts'

const validator = sharedValidator()

describe('parseSchema', () => {
  it('reads a schema of a document service', async () => {
    const { definition, problems } = await validator.parseSchema(`
      entity Tenant;
      entity Role enum ["admin", "auditor", "admin"];
      @doc("who works here")
      entity User in [Team, Role] {
        tenant: Tenant,
        @loggable networks: Networks,
        boss?: User,
      };
      entity Team in [Team];
      entity Document in Team { owner: User, sizes: Set<Long> } tags Set<String>;
      type Networks = { office: ipaddr, @doc("from home") vpn?: ipaddr };
      action reading;
      @reveal @maxStale("5s")
      action view, "look at" in [reading] appliesTo { principal: User, resource: [Document, Team], context: Facts };
      type Facts = { now: datetime, price?: decimal, length: duration, inner: { flag: __cedar::Bool } };`)
    expect(problems).toEqual([])
    const viewing = {
      memberOf: [{ type: 'Action', id: 'reading' }],
      principals: ['User'],
      resources: ['Document', 'Team'],
      context: {
        now: { type: 'datetime' },
        price: { type: 'decimal', optional: true },
        length: { type: 'duration' },
        inner: { type: 'Record', attributes: { flag: { type: 'Bool' } } },
      },
      annotations: { reveal: '', maxStale: '5s' },
    }
    expect(definition).toEqual({
      entities: {
        Tenant: { parents: [], attributes: {} },
        Role: { parents: [], attributes: {}, enum: ['admin', 'auditor'] },
        User: {
          parents: ['Team', 'Role'],
          attributes: {
            tenant: { type: 'Entity', name: 'Tenant' },
            networks: {
              type: 'Record',
              attributes: {
                office: { type: 'ipaddr' },
                vpn: { type: 'ipaddr', optional: true, annotations: { doc: 'from home' } },
              },
              annotations: { loggable: '' },
            },
            boss: { type: 'Entity', name: 'User', optional: true },
          },
          annotations: { doc: 'who works here' },
        },
        Team: { parents: ['Team'], attributes: {} },
        Document: {
          parents: ['Team'],
          attributes: {
            owner: { type: 'Entity', name: 'User' },
            sizes: { type: 'Set', element: { type: 'Long' } },
          },
          tags: { type: 'Set', element: { type: 'String' } },
        },
      },
      actions: {
        reading: { uid: { type: 'Action', id: 'reading' }, memberOf: [], principals: [], resources: [], context: {} },
        view: { uid: { type: 'Action', id: 'view' }, ...viewing },
        'look at': { uid: { type: 'Action', id: 'look at' }, ...viewing },
      },
    })
  })

  it('writes names of namespaces out', async () => {
    const { definition } = await validator.parseSchema(`
      entity User;
      namespace Docs {
        type Name = String;
        entity Folder in [Folder] { name: Name, owner: User, keeper: Keeper };
        entity Keeper;
        action view in [Other::Action::"all"] appliesTo { principal: User, resource: Folder, context: {} };
        action edit in view appliesTo { principal: [User, Keeper], resource: [Folder, Other::Thing], context: {} };
      }
      namespace Other { entity Thing; action all; }`)
    expect(definition?.entities['Docs::Folder']).toEqual({
      parents: ['Docs::Folder'],
      attributes: {
        name: { type: 'String' },
        owner: { type: 'Entity', name: 'User' },
        keeper: { type: 'Entity', name: 'Docs::Keeper' },
      },
    })
    expect(definition?.actions['Docs::view']?.memberOf).toEqual([{ type: 'Other::Action', id: 'all' }])
    expect(definition?.actions['Docs::edit']).toMatchObject({
      uid: { type: 'Docs::Action', id: 'edit' },
      memberOf: [{ type: 'Docs::Action', id: 'view' }],
      principals: ['User', 'Docs::Keeper'],
      resources: ['Docs::Folder', 'Other::Thing'],
    })
  })

  it('lets a named type hide one of the language', async () => {
    const { definition } = await validator.parseSchema(
      'namespace N { type ipaddr = { x: Long }; entity W { i: ipaddr, j: __cedar::ipaddr }; }',
    )
    expect(definition?.entities['N::W']?.attributes).toEqual({
      i: { type: 'Record', attributes: { x: { type: 'Long' } } },
      j: { type: 'ipaddr' },
    })
  })

  it('keeps names that mean something to JavaScript', async () => {
    const { definition } = await validator.parseSchema(
      'entity __proto__ { "__proto__": Long, constructor: Bool }; action "__proto__", toString;',
    )
    const type = Object.entries(definition?.entities ?? {})
    expect(type.map(([name, { attributes }]) => [name, Object.keys(attributes)])).toEqual([
      ['__proto__', ['__proto__', 'constructor']],
    ])
    expect(Object.keys(definition?.actions ?? {})).toEqual(['__proto__', 'toString'])
  })
})

describe('parseSchema finds', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['a token out of place', 'entity U;;', 'ERR_VALIDATE_SCHEMA ;'],
    ['its place behind wide characters', '// ä€🎉\nentity U = { "ü🎉": Long } tags;', 'ERR_VALIDATE_SCHEMA ;'],
    ['a type declared twice', 'entity U; entity V; entity U;', 'ERR_VALIDATE_SCHEMA U'],
    ['a type that contains itself', 'type A = { a: B }; type B = Set<A>; entity U { a: A };', 'ERR_VALIDATE_SCHEMA A'],
    ['groups in a circle', 'action a in b; action b in a;', 'ERR_VALIDATE_SCHEMA a'],
    ['two actions of one name', 'action "N::a"; namespace N { action a; }', 'ERR_VALIDATE_SCHEMA_ACTION a'],
    ['nesting', `entity U { a: ${'Set<'.repeat(60)}Long${'>'.repeat(60)} };`, 'ERR_VALIDATE_SCHEMA_LIMIT <'],
    ['the 41st bracket', `entity U { a: ${'{ a: '.repeat(5000)}`, 'ERR_VALIDATE_SCHEMA_LIMIT {'],
    ['a text too long', `// ${'x'.repeat(SCHEMA_LIMITS.textLength)}`, 'ERR_VALIDATE_SCHEMA_LIMIT '],
    ['types that multiply', multiplying(18), 'ERR_VALIDATE_SCHEMA_LIMIT '],
  ]
  it.each(rows)('%s', async (_, text, expected) => {
    const { definition, problems } = await validator.parseSchema(text, 'app.cedarschema')
    expect(definition).toBeUndefined()
    const found = spots(problems, { 'app.cedarschema': text }).map((spot) => spot.replace(text, ''))
    expect(found[0]).toBe(expected)
  })

  it('a misspelt type, with its hint', async () => {
    const { problems } = await validator.parseSchema('entity User; entity Doc { owner: Usr };')
    expect(problems[0]).toMatchObject({ code: 'ERR_VALIDATE_SCHEMA', severity: 'error' })
    expect(problems[0]?.message).toMatch(/Usr/)
  })

  it('nothing in brackets of comments and strings', async () => {
    const text = `// ${'('.repeat(99)}\n@doc("${'{'.repeat(99)}\\"${'['.repeat(99)}") entity U;`
    expect((await validator.parseSchema(text)).problems).toEqual([])
  })

  it('that it took too long', async () => {
    const impatient = createValidator({ timeLimitMilliseconds: 1 })
    const { problems } = await impatient.parseSchema('entity U;')
    expect(problems.map(({ code }) => code)).toEqual(['ERR_VALIDATE_TIMEOUT'])
    await impatient.close()
  })
})

describe('published schemas', () => {
  const schemas = [...new Set(publishedCases(12, 3).map(({ schema }) => schema))]

  it(`${schemas.length} of them are read and indexed`, async () => {
    expect(schemas.length).toBeGreaterThan(200)
    const results = await Promise.all(schemas.map((schema) => validator.parseSchema(schema)))
    const refused = results.flatMap(({ definition, problems }) => (definition === undefined ? [problems] : []))
    expect(refused).toEqual([])
    for (const { definition } of results) {
      if (definition !== undefined) expect(createSchema(definition).definition).toBe(definition)
    }
  })
})

/** Each type holds the next one twice. */
function multiplying(levels: number): string {
  const types = Array.from({ length: levels }, (_, level) => `type T${level} = { a: T${level + 1}, b: T${level + 1} };`)
  return `${types.join('\n')}\ntype T${levels} = Long;\nentity U { a: T0 };`
}
