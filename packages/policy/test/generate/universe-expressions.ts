// fast-check generators of expressions over the small world: mostly well-typed, with enough that err.

import fc from 'fast-check'
import type { Binary, Expression, VariableName } from '../../src/syntax/tree.ts'
import type { Value } from '../../src/value/value.ts'
import { expressions, NOWHERE } from './expressions.ts'
import { ACTIONS, EVERYTHING, GROUP } from './universe.ts'

const node = (kind: Binary['kind'], left: Expression, right: Expression): Expression => ({
  kind,
  left,
  right,
  span: NOWHERE,
})
const literal = (value: Value): Expression => ({ kind: 'literal', value, span: NOWHERE })
const variable = (name: VariableName): Expression => ({ kind: 'variable', name, span: NOWHERE })
const attribute = (of: Expression, name: string): Expression => ({ kind: 'attribute', of, name, span: NOWHERE })
const call = (
  name: 'ip' | 'datetime' | 'isInRange' | 'toTime' | 'toDate' | 'durationSince',
  ...args: Expression[]
): Expression => ({
  kind: 'call',
  function: name,
  arguments: args,
  span: NOWHERE,
})

const holders = fc.constantFrom(variable('principal'), variable('resource'), variable('resource'), variable('context'))
const references: fc.Arbitrary<Expression> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(variable('principal'), variable('resource')) },
  { weight: 2, arbitrary: fc.constantFrom(...EVERYTHING).map(literal) },
  { weight: 1, arbitrary: fc.constantFrom(variable('action'), ...[...ACTIONS, GROUP].map(literal)) },
  {
    weight: 2,
    arbitrary: fc.tuple(holders, fc.constantFrom('owner', 'manager', 'team')).map(([of, name]) => attribute(of, name)),
  },
)
const names = fc.constantFrom(
  'name',
  'level',
  'owner',
  'roles',
  'readers',
  'public',
  'mfa',
  'profile',
  'manager',
  'absent',
)

type Typed = {
  readonly bool: Expression
  readonly long: Expression
  readonly text: Expression
  readonly set: Expression
  readonly any: Expression
}

const typed = fc.letrec<Typed>((tie) => {
  const pair = (kinds: readonly Binary['kind'][], left: keyof Typed, right: keyof Typed) =>
    fc.tuple(fc.constantFrom(...kinds), tie(left), tie(right)).map(([kind, a, b]) => node(kind, a, b))
  const read = (name: string) => holders.map((of) => attribute(of, name))
  return {
    bool: fc.oneof(
      { maxDepth: 4, depthSize: 'small', withCrossShrink: true },
      fc.boolean().map(literal),
      fc.tuple(holders, fc.constantFrom('public', 'active', 'mfa')).map(([of, name]) => attribute(of, name)),
      fc.tuple(references, references).map(([a, b]) => node('equal', a, b)),
      fc.tuple(references, references).map(([a, b]) => node('in', a, b)),
      fc.tuple(references, tie('set')).map(([a, b]) => node('in', a, b)),
      fc
        .tuple(holders, fc.array(names, { minLength: 1, maxLength: 2 }))
        .map(([of, path]): Expression => ({ kind: 'has', of, path, span: NOWHERE })),
      pair(['and', 'or'], 'bool', 'bool'),
      pair(['and', 'or'], 'bool', 'bool'),
      tie('bool').map((operand): Expression => ({ kind: 'not', operand, span: NOWHERE })),
      pair(['less', 'lessEqual', 'greater', 'greaterEqual'], 'long', 'long'),
      pair(['equal', 'notEqual'], 'any', 'any'),
      pair(['containsAll', 'containsAny'], 'set', 'set'),
      pair(['contains'], 'set', 'any'),
      tie('set').map((operand): Expression => ({ kind: 'isEmpty', operand, span: NOWHERE })),
      tie('text').map(
        (of): Expression => ({
          kind: 'like',
          of,
          pattern: [{ kind: 'text', text: 'a' }, { kind: 'wildcard' }],
          span: NOWHERE,
        }),
      ),
      fc
        .tuple(references, fc.constantFrom('User', 'Doc', 'Team'))
        .map(([of, type]): Expression => ({ kind: 'is', of, type, span: NOWHERE })),
      fc
        .tuple(references, fc.constantFrom('User', 'Doc'), references)
        .map(([of, type, within]): Expression => ({ kind: 'is', of, type, in: within, span: NOWHERE })),
      fc
        .tuple(references, fc.constantFrom('clearance', 'label'))
        .map(([of, name]) => node('hasTag', of, literal(name))),
      fc
        .constantFrom('10.0.0.0/8', '::1', 'no address')
        .map((range) => call('isInRange', attribute(variable('context'), 'ip'), call('ip', literal(range)))),
      fc
        .constantFrom('1969-07-20', '1970-01-01')
        .map((day) =>
          node(
            'less',
            call('toTime', attribute(variable('context'), 'now')),
            call('durationSince', attribute(variable('context'), 'now'), call('datetime', literal(day))),
          ),
        ),
      fc.record({
        kind: fc.constant('if'),
        test: tie('bool'),
        then: tie('bool'),
        else: tie('bool'),
        span: fc.constant(NOWHERE),
      }),
      { weight: 1, arbitrary: expressions },
    ),
    long: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      fc.constantFrom(0, 1, 2, 3, -1, 9007199254740991, 9223372036854775807n).map(literal),
      read('level'),
      pair(['add', 'subtract', 'multiply'], 'long', 'long'),
      references.map((of) => node('getTag', of, literal('clearance'))),
      tie('long').map(
        (operand): Expression => ({
          kind: 'negate',
          operand: operand.kind === 'literal' ? attribute(variable('context'), 'level') : operand,
          span: NOWHERE,
        }),
      ),
    ),
    text: fc.oneof(fc.constantFrom('', 'a', 'ann', 'b*b').map(literal), read('name')),
    set: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      read('roles'),
      read('readers'),
      fc.array(references, { maxLength: 3 }).map((elements): Expression => ({ kind: 'set', elements, span: NOWHERE })),
      fc.array(tie('any'), { maxLength: 2 }).map((elements): Expression => ({ kind: 'set', elements, span: NOWHERE })),
    ),
    any: fc.oneof(
      references,
      tie('long'),
      tie('text'),
      tie('bool'),
      tie('set'),
      holders.map((of) => attribute(of, 'profile')),
    ),
  }
})

/** Conditions over the universe: mostly Bools, some of which err. */
export const universeConditions: fc.Arbitrary<Expression> = typed.bool
