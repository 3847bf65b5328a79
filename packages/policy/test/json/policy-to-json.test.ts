import { describe, expect, it } from 'vitest'
import { parsePolicies } from '../../src/syntax/parse-policies.ts'
import { policyToJson } from '../../src/json/policy-to-json.ts'
import { NOWHERE } from '../generate/expressions.ts'

function jsonOf(text: string): unknown {
  const [policy] = parsePolicies(text).policies
  return policy && policyToJson(policy)
}

describe('policyToJson', () => {
  it('keeps the digits of a Long', () => {
    expect(jsonOf('permit (principal, action, resource) when { -9007199254740993 == 1 };')).toMatchObject({
      conditions: [{ body: { '==': { left: { Value: -9007199254740993n }, right: { Value: 1 } } } }],
    })
  })

  it('keeps fields and annotations that bite in JavaScript', () => {
    const json = jsonOf('@__proto__("a") permit (principal, action, resource) when { {__proto__: 1} };')
    expect(JSON.stringify(json)).toBe(
      '{"effect":"permit","principal":{"op":"All"},"action":{"op":"All"},"resource":{"op":"All"},' +
        '"conditions":[{"kind":"when","body":{"Record":{"__proto__":{"Value":1}}}}],"annotations":{"__proto__":"a"}}',
    )
  })

  it('refuses a fault', () => {
    const [policy] = parsePolicies('permit (principal, action, resource);').policies
    const body = { kind: 'fault', code: 'X', message: 'x', span: NOWHERE } as const
    const faulty = policy && { ...policy, conditions: [{ kind: 'when', body, span: NOWHERE } as const] }
    expect(() => faulty && policyToJson(faulty)).toThrow(TypeError)
  })
})
