// Faults in residuals as a whole: links, scopes, until when they hold, what they say of their nodes.

import { type Fault, faultsIn } from '../fault.ts'

const OPERATOR = 'packages/policy/src/operator'
const RESIDUAL = 'packages/policy/src/residual'

export const LEAVING_FAULTS: readonly Fault[] = [
  ...faultsIn(`${RESIDUAL}/link-condition.ts`, [
    [
      'residual-links-expired',
      'all.filter((link) => fits(link, slots) && counts(link, effect, nowSeconds))',
      'all.filter((link) => fits(link, slots))',
      'expired links are left',
    ],
    ['residual-links-fit', 'fits(link, slots) && ', '', 'links that fill other slots are left'],
    ['residual-links-own', '...(links?.byTemplate.get(id) ?? [])', '', "the caller's links are lost"],
    [
      'residual-links-theirs',
      "...(theirs.length === 0 ? [] : [say('principal', theirs)]),",
      '',
      'links for the resource are lost where the principal is unknown',
    ],
    [
      'residual-links-ours',
      "...(ours.length === 0 ? [] : [say('resource', ours)]),",
      '',
      'links for the principal are lost',
    ],
  ]),
  ...faultsIn(`${RESIDUAL}/scope.ts`, [
    [
      'residual-scope-in',
      "return scope.in === undefined || isSlot(scope.in) ? [is] : [is, relation('in'",
      "return scope.in === undefined || isSlot(scope.in) || name !== '' ? [is] : [is, relation('in'",
      '`is ... in` loses its group',
    ],
    ['residual-scope-resource', "    ...sideExpressions('resource', resource),\n", '', "the resource's scope is lost"],
    ['residual-scope-action', '    ...actionExpressions(action),\n', '', "the action's scope is lost"],
  ]),
  ...faultsIn(`${RESIDUAL}/residual.ts`, [
    [
      'residual-forbid-focus',
      "if (effect === 'permit' || forbidErrors === 'skip') return focusExpression(condition, true)",
      "if (effect === 'permit') return focusExpression(condition, true)",
      'under `skip` a forbid is asked whether it is false',
    ],
    [
      'residual-forbid-true',
      "condition.kind === 'fault' ? condition : focusExpression(condition, false)",
      "condition.kind === 'fault' ? condition : focusExpression(condition, true)",
      'under `deny` a forbid that errs is passed over',
    ],
    [
      'residual-always-allow',
      'if (forbids.length === 0 && sure.length > 0) {',
      'if (sure.length > 0) {',
      'a sure permit wins over forbids that are left',
    ],
    [
      'residual-erring',
      "forbids.filter(({ condition }) => condition.kind === 'fault')",
      "forbids.filter(({ condition }) => condition.kind === 'variable')",
      'a forbid that always errs does not decide',
    ],
  ]),
  ...faultsIn(`${RESIDUAL}/evaluate.ts`, [
    [
      'evaluate-forbids',
      'if (forbidding.length > 0) return',
      'if (forbidding.length > 1) return',
      'one forbid is not enough',
    ],
    [
      'evaluate-errors',
      "if (forbidErrors === 'deny' && errors.length > 0) {",
      "if (forbidErrors === 'skip' && errors.length > 0) {",
      'the rules for erring forbids are swapped',
    ],
  ]),
  ...faultsIn(`${RESIDUAL}/residual.ts`, [
    [
      'until-floor',
      '(bound - (((bound % 1000n) + 1000n) % 1000n)) / 1000n',
      '(bound + 999n) / 1000n',
      'the end is rounded up',
    ],
    ['until-links', ', ...(request.nowSeconds === undefined ? [] : ends)]', ']', 'the end of a grant does not bound'],
    ['until-earliest', 'time < least)', 'time > least)', 'the latest end counts'],
    [
      'until-no-permit',
      "{ ...alwaysDeny('no-permit', []), ...earliest(all.filter(({ effect }) => effect === 'permit')) }",
      "alwaysDeny('no-permit', [])",
      'that nothing permits holds for ever',
    ],
    [
      'until-allow',
      '...earliest([...sure, ...others])',
      '...earliest(sure)',
      'a forbid that comes later does not bound',
    ],
    ['until-deny', 'idsOf(determining), ...earliest(determining) }', 'idsOf(determining) }', 'a denial holds for ever'],
    [
      'until-conditional',
      'earliest([...all, { until: boundOf(clock) }])',
      'earliest(all)',
      'the time that is left in conditions does not bound',
    ],
    [
      'residual-fails',
      "{ kind: 'always-deny', reason: 'forbid-error', determining: [], validUntil: 0 }",
      "{ kind: 'always-allow', permits: [] }",
      'what fails is allowed',
    ],
    ['residual-fails-until', 'determining: [], validUntil: 0 }', 'determining: [] }', 'a failure holds for ever'],
  ]),
  ...faultsIn(`${OPERATOR}/clock.ts`, [
    [
      'until-kept',
      '      if (movementOf(node, movements, now) !== undefined) limit(now)\n',
      '',
      'the time that is left in a condition does not bound',
    ],
    ['until-less', "['less', [0n]]", "['less', [1n]]", '`<` comes out otherwise a millisecond late'],
    ['until-equal', "['equal', [0n, 1n]]", "['equal', [1n]]", '`==` does not become true'],
    [
      'until-backwards',
      'slope > 0n ? border - distance : distance - border + 1n',
      'border - distance',
      'what runs backwards runs forwards',
    ],
    [
      'until-since',
      'slope: first.slope - second.slope, until',
      'slope: first.slope + second.slope, until',
      'time since and time until are alike',
    ],
    ['until-midnight', 'now + DAY - timeOfDay(value)', 'now + DAY', 'a day lasts 24 hours from now'],
    [
      'until-context',
      "  if (value.kind === 'record' && value.fields.has('now')) return { slope: 0n, until: now }\n",
      '',
      'the time in a whole context does not bound',
    ],
    [
      'until-unknown',
      'left === undefined || right === undefined) return now',
      'left === undefined || right === undefined) return until',
      'what cannot be followed lasts',
    ],
  ]),
  ...faultsIn(`${RESIDUAL}/marks.ts`, [
    [
      'marks-and-or',
      "prove.assuming(node.left, node.kind === 'and')",
      'prove.assuming(node.left, true)',
      'the right side of `||` is proven by the left',
    ],
    [
      'marks-right',
      "mark(node.right, prove.assuming(node.left, node.kind === 'and'))",
      'part(node.right)',
      'what the left side proves is not used',
    ],
    [
      'marks-then',
      'mark(node.then, prove.assuming(node.test, true))',
      'part(node.then)',
      'what a test proves is not used',
    ],
    [
      'marks-else',
      'prove.assuming(node.test, false)',
      'prove.assuming(node.test, true)',
      '`else` is proven by the test',
    ],
    ['marks-can-err', 'canErr: !prove.neverErrs(node)', 'canErr: false', 'nothing can err'],
    ['marks-type', "node.kind === 'fault' ? undefined : partial.declaredType(node)", 'undefined', 'no type is told'],
  ]),
  ...faultsIn(`${RESIDUAL}/knowledge.ts`, [
    ['know-context', '!unknownContext.includes(name))', 'true)', 'unknown context is absent'],
    [
      'know-context-others',
      "unknownContext === 'others' ? context.has(name)",
      "unknownContext === 'others' ? true",
      'context that may come is absent',
    ],
    ['know-entity', ' || !isUnseen(uid.type)', ' || true', 'entities that are not loaded do not exist'],
    ['know-implied', 'others.length === 0', 'others.length < 9', 'of several types the first is implied'],
    ['know-proven', 'proven: checked ? declared : named', 'proven: declared', 'rows that nobody checks are relied on'],
    ['know-required', 'declared.length === actions.length && ', '', 'what one action has all have'],
    ['know-optional', ' && declared.every(({ optional }) => optional !== true)', '', 'what is optional is there'],
  ]),
  ...faultsIn(`${RESIDUAL}/request.ts`, [
    [
      'unseen-any',
      'entity.type === undefined ? !ACTION.test(type) : entity.type === type',
      'entity.type === type',
      'of an unknown type everything is loaded',
    ],
    [
      'unknowns-context',
      "unknownContext.length === 0 ? entities : [...entities, 'context']",
      'entities',
      'the context is known though a part of it is not',
    ],
  ]),
  ...faultsIn(`${RESIDUAL}/candidates.ts`, [
    [
      'residual-same',
      'principalEntity !== undefined || principal.type !== resource.type',
      'true',
      'a principal that may be the resource has no groups',
    ],
    [
      'residual-may-be',
      'type === undefined || admitsType(scope, type)',
      'type !== undefined && admitsType(scope, type)',
      'of an unknown type nothing is',
    ],
    ['residual-templates', '[entries, [...templates.values()]]', '[entries]', 'templates are lost'],
    ['residual-keyed-in', '      ...keyed.resourceIn.values(),\n', '', 'policies for a folder are lost'],
    [
      'residual-keyed-equal',
      '      ...keyed.resourceEqual.ofType(resource.type),\n',
      '',
      'policies for one resource are lost',
    ],
    [
      'residual-groups',
      '      ...keyed.principalIn.amongAncestors(principalEntity?.ancestors ?? NO_ANCESTORS),\n',
      '',
      'policies for groups of the principal are lost',
    ],
  ]),
  ...faultsIn(`${RESIDUAL}/evaluate.ts`, [
    [
      'evaluate-unfilled',
      '    if (unknowns.some((name) => filled[name] === undefined)) return FAILED\n',
      '',
      'what is not filled in is nobody',
    ],
    [
      'evaluate-entity',
      'principal: principalEntity?.uid, resource: resourceEntity?.uid, ...filling',
      '...filling',
      'an entity fills nothing in',
    ],
  ]),
]
