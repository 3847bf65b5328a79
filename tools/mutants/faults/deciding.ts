// Faults in the index, in links and in the rule by which a decision follows.

import { type Fault, faultsIn } from '../fault.ts'

const POLICY = 'packages/policy/src'

export const DECIDING_FAULTS: readonly Fault[] = [
  ...faultsIn(`${POLICY}/compile/scope.ts`, [
    ['scope-type', "scope.kind !== 'is' || scope.type === type", 'true', 'policies for another type are found'],
    ['scope-relation', "return scope.kind === 'equal' ? 'equal' : 'in'", "return 'equal'", '`in` is `==`'],
    ['scope-relation-in', "return scope.kind === 'equal' ? 'equal' : 'in'", "return 'in'", '`==` is `in`'],
    ['scope-actions', 'scope.entities.some(', 'scope.entities.every(', 'an action must be in every group of the list'],
    [
      'scope-resource-in',
      'sameEntity(resource, entity) || hasAncestor(resourceEntity, entity)',
      'sameEntity(resource, entity)',
      "the resource's ancestors are not tested",
    ],
    [
      'scope-principal-type',
      'principal.type === type',
      "principal.type !== ''",
      'the type beside a named principal is not tested',
    ],
  ]),
  ...faultsIn(`${POLICY}/compile/program.ts`, [
    [
      'groups-of-entities',
      'action.ancestors.size > 0',
      'action.ancestors.size > 99',
      'action groups without a schema are not seen',
    ],
    [
      'groups-of-schema',
      "for (const id of ids) addTo(members, { kind: 'entity', type, id }, action)",
      'void ids',
      "the schema's action groups have no members",
    ],
    [
      'rule-default',
      "options.forbidErrors ?? 'deny'",
      "options.forbidErrors ?? 'skip'",
      'an erring forbid is passed over by default',
    ],
  ]),
  ...faultsIn(`${POLICY}/compile/links.ts`, [
    ['link-end', 'nowSeconds < untilSeconds', 'nowSeconds <= untilSeconds', 'a link counts a second too long'],
    ['link-expired', 'nowSeconds < untilSeconds', 'nowSeconds !== untilSeconds', 'an expired link counts'],
    [
      'link-no-clock',
      "nowSeconds === undefined ? effect === 'forbid'",
      'nowSeconds === undefined ? true',
      'an ending link counts without a clock',
    ],
    [
      'link-no-clock-forbid',
      "nowSeconds === undefined ? effect === 'forbid'",
      'nowSeconds === undefined ? false',
      'an ending forbid is lost without a clock',
    ],
    [
      'link-by-principal',
      'else if (link.principal !== undefined) addTo',
      'else if (link.principal === undefined) addTo',
      'links without a resource are not found',
    ],
  ]),
  ...faultsIn(`${POLICY}/compile/rule.ts`, [
    ['unless-is-when', "return kind === 'when' ? body : negated", 'return body', '`unless` is `when`'],
    [
      'scope-ignored',
      'result === true ? second(evaluation) : result',
      'second(evaluation)',
      'what the index leaves of the scope is not tested',
    ],
  ]),
  ...faultsIn(`${POLICY}/compile/entry.ts`, [
    [
      'entry-condition',
      'allOf([this.#before, ...sides, test])',
      'allOf([this.#before, ...sides])',
      'conditions are not tested',
    ],
    ['entry-before', 'allOf([this.#before, ...sides, test])', 'allOf([...sides, test])', 'the action is not tested'],
    [
      'entry-sides',
      'allOf([this.#before, ...sides, test])',
      'allOf([this.#before, test])',
      'the other side of the scope is not tested',
    ],
    [
      'entry-effect',
      "this.isPermit = rule.effect === 'permit'",
      'this.isPermit = true',
      'of several actions a forbid permits',
    ],
    ['entry-place', 'relation: relationOf(scope) }', "relation: 'equal' }", '`in` a named entity is found as `==`'],
  ]),
  ...faultsIn(`${POLICY}/compile/keyed-index.ts`, [
    [
      'keyed-drops-in',
      'if (entity !== undefined) lists.push(...principalIn.amongAncestors(entity.ancestors))',
      '',
      "policies for the principal's groups are not found",
    ],
    [
      'keyed-drops-equal',
      'principalEqual.get(principal) ?? []',
      '[]',
      'policies for the principal itself are not found',
    ],
    ['keyed-in-itself', 'principalIn.get(principal) ?? []', '[]', '`principal in` the principal itself is not found'],
    [
      'keyed-wrong-bucket',
      "const WITHIN = { principal: 'principalIn', resource: 'resourceIn' }",
      "const WITHIN = { principal: 'principalIn', resource: 'resourceEqual' }",
      '`resource in` stands under `resource ==`',
    ],
    [
      'keyed-wrong-equal',
      "const EQUAL = { principal: 'principalEqual', resource: 'resourceEqual' }",
      "const EQUAL = { principal: 'principalIn', resource: 'resourceEqual' }",
      '`principal ==` stands under `principal in`',
    ],
    [
      'keyed-resource-answered',
      "side === 'principal' ? ({ principal: true, resource: true } as const) : ({ resource: true } as const)",
      '({ principal: true, resource: true }) as const',
      'the principal beside a named resource is not tested',
    ],
    [
      'keyed-resource-relation',
      "place.relation === 'equal' ? resourceEqual : resourceIn",
      'resourceEqual',
      'a named folder beside a named principal is not found',
    ],
  ]),
  ...faultsIn(`${POLICY}/compile/action-index.ts`, [
    [
      'bucket-other-principal',
      'types.principal.has(principalType) ? principalType : OTHER',
      'OTHER',
      'all principal types are alike',
    ],
    [
      'bucket-other-resource',
      'types.resource.has(resourceType) ? resourceType : OTHER',
      'OTHER',
      'all resource types are alike',
    ],
    ['bucket-open', 'inOrder(ownUnkeyed, open.unkeyed)', 'ownUnkeyed', 'policies for all actions are lost'],
    [
      'bucket-by-resource',
      'byResource.set(resource, bucket)',
      'byResource.set(OTHER, bucket)',
      'types of resources share what they should not',
    ],
    [
      'keyed-open',
      '[createKeyedIndex(own.filter(isStatic), before), open.keyed]',
      '[createKeyedIndex(own.filter(isStatic), before)]',
      'policies for all actions that name an entity are lost',
    ],
    [
      'bucket-templates',
      'else templates.set(rule.id',
      "else if (rule.effect === 'forbid') templates.set(rule.id",
      'templates that permit are lost',
    ],
  ]),
  ...faultsIn(`${POLICY}/decide/decision.ts`, [
    [
      'decision-failed',
      "  decision: 'deny',\n  reason: 'forbid-error',\n  determining: NONE",
      "  decision: 'allow',\n  reason: 'forbid-error',\n  determining: NONE",
      'a failure allows',
    ],
    [
      'decision-skip',
      "forbidErrors === 'skip' ? NONE",
      "forbidErrors !== 'skip' ? NONE",
      'the rules for erring forbids are swapped',
    ],
    ['decision-erring-permit', 'faults.filter(({ hit }) => !hit.isPermit)', 'faults', 'an erring permit denies'],
    [
      'decision-forbid-loses',
      "if (forbid !== undefined) return { decision: 'deny'",
      "if (forbid !== undefined && permit === undefined) return { decision: 'deny'",
      'a permit wins over a forbid',
    ],
    [
      'decision-erring-forbid-loses',
      'if (forbids.length > 0) {',
      'if (forbids.length > 0 && permit === undefined) {',
      'a permit wins over an erring forbid',
    ],
    [
      'decision-others',
      'fault === undefined && hit.isPermit === first.isPermit',
      'fault === undefined',
      'permits are named as reasons of a denial',
    ],
    [
      'decision-order',
      'if (order < last) return',
      'if (order < -1) return',
      'what determined is not in the order of the policies',
    ],
    [
      'decision-errors',
      'const errors = faults.length === 0 ? NONE : faults.flatMap(policyFaults)',
      'const errors = NONE',
      'errors are not reported',
    ],
  ]),
  ...faultsIn(`${POLICY}/decide/request.ts`, [
    [
      'request-self',
      '(sameEntity(principal, resource) ? resourceEntity : undefined)',
      'resourceEntity',
      "a missing principal has the resource's attributes",
    ],
    [
      'request-resource',
      'request.resourceEntity ?? entities.get(resource)',
      'entities.get(resource)',
      'a loaded resource is not used',
    ],
  ]),
  ...faultsIn(`${POLICY}/compile/program.ts`, [
    [
      'other-actions',
      'byAction.get(action) ?? otherActions',
      'otherActions',
      'policies that name an action are not found',
    ],
  ]),
  ...faultsIn(`${POLICY}/decide/match.ts`, [
    [
      'link-ancestor-of-equal',
      "if (!isSame && (template.resourceSlot ?? template.principalSlot) === 'equal') return false",
      '',
      'a link to a folder counts for `== ?resource`',
    ],
    [
      'link-time',
      'if (!counts(link, template.rule.effect, nowSeconds)) return false',
      '',
      'the end of a link does not matter',
    ],
  ]),
  ...faultsIn(`${POLICY}/decide/candidates.ts`, [
    [
      'candidates-own',
      'if (own !== undefined) countAll(own, true',
      'if (own === undefined) countAll([], true',
      'what names the resource itself is lost for a caller who comes back',
    ],
    [
      'candidates-ancestors',
      'for (const uid of ancestors.uids) {',
      'for (const uid of ancestors.uids.slice(1)) {',
      'a folder of the resource is lost for a caller who comes back',
    ],
  ]),
  ...faultsIn(`${POLICY}/compile/shortlist.ts`, [
    [
      'link-principal-in',
      "return principalSlot === 'in' && principalEntity",
      'return principalEntity',
      'a link to a group counts for `== ?principal`',
    ],
    [
      'link-principal',
      'if (link.principal === undefined || sameEntity(link.principal, principal)) return true',
      'return true',
      'anybody has the links of others',
    ],
    [
      'link-slots',
      'if ((principalSlot === undefined) !== (link.principal === undefined)) return false',
      '',
      'a link that fills other slots counts',
    ],
    [
      'link-resource-slot',
      'if ((resourceSlot === undefined) !== (link.resource === undefined)) return false',
      '',
      'a link without the resource counts',
    ],
    [
      'shortlist-type',
      'each.resourceType === resource.type && ',
      '',
      'what was found for another type of resource is used again',
    ],
    ['shortlist-action', 'isUid(each.action, action) && ', '', 'what was found for another action is used again'],
    [
      'shortlist-entity',
      'if (principalEntity !== this.#lastEntity) {',
      'if (this.#lastEntity === undefined) {',
      'what was found for another caller is used again',
    ],
    [
      'shortlist-exact',
      "isExact: entry.resourceSlot === 'equal'",
      'isExact: false',
      'a link to a folder counts for `== ?resource` for a caller who comes back',
    ],
    [
      'shortlist-links',
      'if (links !== this.#links) {',
      'if (this.#links === undefined) {',
      'grants that were taken back still count',
    ],
  ]),
  ...faultsIn(`${POLICY}/decide/decide.ts`, [
    [
      'decide-resource-ancestors',
      'of within.amongAncestors(resourceEntity.ancestors)) runAll',
      'of within.amongAncestors(resourceEntity.ancestors).slice(1)) runAll',
      "policies for the resource's folder are lost",
    ],
    [
      'decide-callers',
      'if (callers.always.length > 0) runAll(callers.always, evaluation, tally)',
      '',
      'policies that name the principal are lost',
    ],
    [
      'decide-own-links',
      'if (links !== undefined && (candidates === undefined || links.byPrincipal.size > 0)) {',
      'if (links !== undefined && false) {',
      "the caller's links do not count",
    ],
    [
      'decide-program-links',
      'if (program.links.all.length > 0) countLinks(program.links, false, { evaluation, nowSeconds, templates }, tally)',
      '',
      "the program's links do not count",
    ],
  ]),
]
