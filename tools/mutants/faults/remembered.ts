// Faults in what is made once and remembered: answers, shortlists, fields and their sites, maps by entity, plans for many actions.

import { type Fault, faultsIn } from '../fault.ts'

const POLICY = 'packages/policy/src'

export const REMEMBERED_FAULTS: readonly Fault[] = [
  ...faultsIn(`${POLICY}/compile/hit.ts`, [
    ['hit-effect', "isPermit = rule.effect === 'permit'", 'isPermit = true', 'a forbid alone or among others permits'],
    ['hit-decision', "isPermit ? 'allow' : 'deny'", "'allow'", 'a forbid alone allows'],
    ['hit-reason', "reason: isPermit ? 'permit' : 'forbid'", "reason: 'permit'", 'a forbid alone is told as a permit'],
    ['hit-ids', 'determining: ids,', 'determining: rule.ids,', 'a link alone is named as its template'],
  ]),
  ...faultsIn(`${POLICY}/compile/tally.ts`, [
    [
      'tally-effect',
      'result === true && !hit.isPermit && tally.forbid === undefined',
      'result === true && tally.forbid === undefined',
      'a second permit forbids',
    ],
    ['tally-permit', ' && tally.permit === undefined', '', 'of several permits only the last is named'],
    ['tally-fault', 'fault: result === true ? undefined : result', 'fault: undefined', 'what errs holds'],
  ]),
  ...faultsIn(`${POLICY}/compile/shortlist.ts`, [
    ['shortlist-map', '      this.#byResource = undefined\n', '', 'the map of other grants is kept'],
    [
      'shortlist-principal',
      ' && isUid(each.principal, principal)',
      '',
      'one entity for two principals: the second has the policies of the first',
    ],
    ['shortlist-in', '[resourceIn, false]', '[resourceIn, true]', 'a named folder is lost for a caller who comes back'],
    [
      'shortlist-equal',
      '[resourceEqual, true]',
      '[resourceEqual, false]',
      '`resource ==` is `in` for a caller who comes back',
    ],
    [
      'shortlist-fits',
      'entry === undefined || !fits(entry, link, this.principal, principalEntity)',
      'entry === undefined',
      'links of others count for a caller who comes back',
    ],
    [
      'shortlist-end',
      "isExact: entry.resourceSlot === 'equal', link })",
      "isExact: entry.resourceSlot === 'equal', link: undefined })",
      'links never end for a caller who comes back',
    ],
    [
      'shortlist-hit',
      'const hit = new Hit(entry.rule, ids)',
      'const { hit } = entry',
      'for a caller who comes back a link is named as its template',
    ],
    [
      'shortlist-keyed',
      'index.keyed.filter(',
      'index.keyed.slice(1).filter(',
      'policies of an action that name a resource are lost',
    ],
    [
      'shortlist-keyed-in',
      'resourceEqual.size + resourceIn.size > 0',
      'resourceEqual.size > 0',
      'policies that name a folder only are lost',
    ],
    [
      'shortlist-callers',
      'index.ofCaller(principal, principalEntity)',
      'index.ofCaller(principal, undefined)',
      'policies for groups of the principal are lost',
    ],
  ]),
  ...faultsIn(`${POLICY}/compile/bucket.ts`, [
    [
      'bucket-errors',
      'if (result !== false) count(tally, entry.hit, result)',
      'if (result === true) count(tally, entry.hit, result)',
      'what errs is passed over',
    ],
    [
      'bucket-together',
      'compileAll?.(this.entries)',
      'compileAll?.(this.entries.slice(1))',
      'generated code leaves out the first policy',
    ],
  ]),
  ...faultsIn(`${POLICY}/decide/candidates.ts`, [
    [
      'candidates-exact',
      '    if (isExact && !isSame) continue\n',
      '',
      'what names a folder with `==` counts for what is in it',
    ],
    [
      'candidates-end',
      '    if (link?.untilSeconds !== undefined && !counts(link, entry.rule.effect, nowSeconds)) continue\n',
      '',
      'the end of a link does not matter for a caller who comes back',
    ],
    [
      'candidates-no-clock',
      'counts(link, entry.rule.effect, nowSeconds)',
      "counts(link, 'permit', nowSeconds)",
      'an ending forbid is lost without a clock for a caller who comes back',
    ],
    [
      'candidates-many',
      'candidates.amongAncestors(ancestors)) {',
      'candidates.amongAncestors(ancestors).slice(1)) {',
      'of a resource in many folders one is lost',
    ],
    [
      'candidates-same',
      'if (inherited !== undefined) countAll(inherited, false',
      'if (inherited !== undefined) countAll(inherited, true',
      'an ancestor is taken for the resource',
    ],
    [
      'candidates-error',
      'if (result !== false) count(tally, hit, result)',
      'if (result === true) count(tally, hit, result)',
      'what errs is passed over for a caller who comes back',
    ],
  ]),
  ...faultsIn(`${POLICY}/decide/decide.ts`, [
    [
      'decide-by-principal',
      'links.byPrincipal.size > 0',
      'links.byPrincipal.size > 99',
      'links without a resource are lost for a caller who comes back',
    ],
    [
      'decide-links-twice',
      'countLinks(links, candidates !== undefined, {',
      'countLinks(links, false, {',
      'links count twice',
    ],
    [
      'decide-newcomer',
      'if (candidates === undefined) runByResource(callers.resourceEqual, callers.resourceIn, evaluation, tally)\n  else ',
      'if (candidates !== undefined) ',
      'what names caller and resource is lost for a newcomer',
    ],
    [
      'decide-keyed',
      '  for (const { resourceEqual, resourceIn } of keyed) runByResource(resourceEqual, resourceIn, evaluation, tally)\n',
      '',
      'policies that name a resource are lost',
    ],
  ]),
  ...faultsIn(`${POLICY}/decide/match.ts`, [
    [
      'match-many',
      'of links.amongAncestors(ancestors)) countAll',
      'of links.amongAncestors(ancestors).slice(1)) countAll',
      'of a resource in many folders one link is lost',
    ],
    [
      'match-few',
      'for (const ancestor of ancestors.uids) {',
      'for (const ancestor of ancestors.uids.slice(1)) {',
      'links to a folder are lost',
    ],
    [
      'match-each-same',
      'tellAll(links.get(uid), true)',
      'tellAll(links.get(uid), false)',
      'asked for all actions, links for `==` are lost',
    ],
    [
      'match-each-few',
      'for (const ancestor of entity.ancestors.uids) tellAll',
      'for (const ancestor of entity.ancestors.uids.slice(1)) tellAll',
      'asked for all actions, links to a folder are lost',
    ],
  ]),
  ...faultsIn(`${POLICY}/decide/request.ts`, [
    ['request-principal', '      request.principalEntity ??\n', '', 'the entity that the caller holds is not used'],
  ]),
  ...faultsIn(`${POLICY}/decide/actions-plan.ts`, [
    ['plan-actions', 'each.actions === actions && ', '', 'what was planned for other actions is used again'],
    ['plan-program', 'each.program === program && ', '', 'what was planned for another program is used again'],
    ['plan-type', ' && each.resourceType === resource.type', '', 'what was planned for another type is used again'],
    [
      'plan-principal',
      'if (isIt && sameEntity(each.principal, principal)) return',
      'if (isIt) return',
      'one entity for two principals: the second has the plan of the first',
    ],
    [
      'plan-bits',
      'known.actions |= 1 << at',
      'known.actions = 1 << at',
      'a policy for several actions counts for the last',
    ],
    ['plan-most', 'MOST_ACTIONS = 30', 'MOST_ACTIONS = 40', 'more actions than bits'],
    [
      'plan-reads-action',
      "readsAction: reads(condition, 'action')",
      'readsAction: false',
      'a condition about the action is asked once for all',
    ],
    [
      'plan-reads-context',
      "readsContext: reads(condition, 'context')",
      'readsContext: false',
      'all actions have one context',
    ],
    ['plan-reads-deep', '    open.push(...childrenOf(node))\n', '', 'what a condition reads is seen at its top only'],
    [
      'plan-callers',
      '[...bucket.entries, ...callers.always]',
      'bucket.entries',
      'policies that name the caller are lost',
    ],
    ['plan-keyed', 'of [callers, ...keyed]', 'of [callers]', 'policies that name a resource are lost'],
  ]),
  ...faultsIn(`${POLICY}/decide/allowed.ts`, [
    ['allowed-denied', 'permitted & ~denied', 'permitted', 'a forbid does not count'],
    ['allowed-strict', '(result !== false && isStrict)', 'result !== false', 'under `skip` an erring forbid denies'],
    [
      'allowed-lenient',
      '(result !== false && isStrict)',
      '(result === undefined && isStrict)',
      'under `deny` an erring forbid is passed over',
    ],
    ['allowed-open', '(what.isPermit ? ~permitted : -1)', '~permitted', 'what is permitted is not forbidden any more'],
    ['allowed-chunks', 'at += MOST_ACTIONS)', 'at += MOST_ACTIONS + 1)', 'one action of many is lost'],
    [
      'allowed-context',
      'const context = contextOf === undefined ? evaluation.context : contextOf(action)',
      'const { context } = evaluation',
      'the context of an action is not asked for',
    ],
    [
      'allowed-action',
      'what.run({ ...evaluation, action, context })',
      'what.run({ ...evaluation, context })',
      'a condition about the action sees nobody',
    ],
    [
      'allowed-links',
      '    if (links !== undefined) eachLink(links, search, runTemplate)\n',
      '',
      'grants of the caller are lost',
    ],
    [
      'allowed-ancestors',
      '    for (const entries of what.amongAncestors(resourceEntity.ancestors)) runAll(entries, actions)\n',
      '',
      'policies for a folder are lost',
    ],
  ]),
  ...faultsIn(`${POLICY}/value/fields.ts`, [
    ['site-slot', '  site.slot = slot\n', '', 'a remembered layout is read at the slot of another'],
    [
      'site-absent',
      'if (slot === undefined) return undefined\n',
      'if (slot === undefined) return fields.slots[site.slot]\n',
      'an absent field is what stands in the remembered slot',
    ],
    ['layout-twice', '    if (this.names.includes(name)) return undefined\n', '', 'a layout has a name twice'],
    [
      'layout-shared',
      'this.#next.set(name, next)',
      "this.#next.set('a', next)",
      'a layout is handed out for another name',
    ],
  ]),
  ...faultsIn(`${POLICY}/entity/uid-map.ts`, [
    [
      'uid-map-set',
      '    while (node !== undefined && node.type !== type) node = node.next\n',
      '',
      'what is kept of one type is replaced by another of the same id',
    ],
    [
      'uid-map-entries',
      'node !== undefined; node = node.next) {',
      'node !== undefined; node = undefined) {',
      'of entities with one id one is walked',
    ],
    ['uid-map-size', '      this.#size += 1\n', '', 'nothing is found among ancestors'],
    [
      'uid-map-of-type',
      'if (uid.type === type) yield value',
      'if (uid.type !== type) yield value',
      'those of all other types are given',
    ],
  ]),
]
