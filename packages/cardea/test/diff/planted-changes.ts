// Small changes of policies, as data: project, what is done, from, to, and what it does at least.

import type { Direction } from '@cardea/testkit'

export const PROJECTS = {
  documents: 'examples/documents/policy',
  first: 'examples/first/policy',
  notes: 'packages/cardea/templates/policy',
  authority: 'packages/authority/src/own-policy',
} as const

export type Project = keyof typeof PROJECTS | 'laboratory'

export type PlantedChange = readonly [
  project: Project,
  what: string,
  from: string | RegExp,
  to: string,
  direction: Direction,
]

/** What the examples lack: numbers, decimals, dates, patterns, tags, sets, optional attributes, groups of groups. */
export const LABORATORY = {
  schema: `
    entity Org;
    entity Team in [Org];
    entity User in [Team] { level: Long, score: decimal, name: String, since: datetime, roles: Set<String>, manager?: User }
      tags String;
    entity Box in [Box] { size: Long, labels: Set<String>, home: ipaddr, box?: { depth: Long, open?: Bool } };
    action open, move, burn in [touch] appliesTo {
      principal: [User], resource: [Box], context: { now: datetime, via?: String, from: ipaddr }
    };
    action touch;
  `,
  policies: `
    @id("level") permit (principal, action == Action::"open", resource) when { principal.level >= 10 };
    @id("score") permit (principal, action == Action::"move", resource)
    when { principal.score.greaterThan(decimal("1.5")) };
    @id("name") permit (principal, action == Action::"burn", resource) when { principal.name like "adm*" };
    @id("org") permit (principal in Org::"root", action in Action::"touch", resource in Box::"crate");
    @id("tag") permit (principal, action == Action::"move", resource)
    when { principal.hasTag("clearance") && principal.getTag("clearance") == "high" };
    @id("sets") permit (principal, action == Action::"burn", resource)
    when { resource.labels.containsAll(["old", "dry"]) && !principal.roles.contains("guest") };
    @id("manager") permit (principal, action == Action::"open", resource)
    when { principal has manager && principal.manager.level > principal.level };
    @id("record") permit (principal, action == Action::"open", resource)
    when { resource has box.open && resource.box.open && resource.box.depth * 2 < 7 };
    @id("hours") forbid (principal, action, resource)
    when { context.now < datetime("2026-01-01T08:00:00Z") || context.now.toTime() >= duration("18h") };
    @id("away") forbid (principal, action == Action::"burn", resource)
    unless { context.from.isInRange(ip("10.0.0.0/8")) && context.from != resource.home };
    @id("probation") forbid (principal, action in [Action::"move", Action::"burn"], resource)
    when { principal.since.offset(duration("30d")) > context.now };
    @id("via") forbid (principal, action, resource) when { context has via && context.via != "desk" };
  `,
} as const

const ALLOWS: Direction = 'newly-allows'
const DENIES: Direction = 'newly-denies'
const ERRS: Direction = 'newly-errs'

export const PLANTED: readonly PlantedChange[] = [
  // a condition, a clause or a policy is gone
  ['documents', 'an auditor of any tenant views', /(Action::"view", resource\))\nwhen \{[^}]*\}/, '$1', ALLOWS],
  ['documents', 'an admin of any tenant manages', /(\n {2}resource\n\))\nwhen \{[^}]*\}/, '$1', ALLOWS],
  ['documents', 'anybody manages', /(resource is Document\n\))\nwhen \{[^}]*\}/, '$1', ALLOWS],
  ['documents', 'anybody creates', /(resource is Folder\))\nwhen \{[^}]*\}/, '$1', ALLOWS],
  ['documents', 'tenants are not isolated', /@id\("tenant-isolation"\)[^;]*;/, '', ALLOWS],
  ['documents', 'nothing is ever shared', ' || (resource is Document && resource.shared)', '', DENIES],
  ['documents', 'every document is shared', ' && resource.shared', '', ALLOWS],
  ['documents', 'everything is classified', 'when { resource.classified }\n', '', DENIES],
  ['documents', 'classified is closed everywhere', /(resource\.classified \})\nunless \{[^}]*\}/, '$1', DENIES],
  ['documents', 'the VPN is away', ' || context.ip.isInRange(principal.networks.vpn)', '', DENIES],
  ['documents', 'a password is enough', 'context.acr == "mfa" && ', '', ALLOWS],
  ['documents', 'any second factor will do', / && context\.now[^}]*(?=\})/, ' ', ALLOWS],
  ['documents', 'sharing outside needs nothing', /@id\("outside-needs[^;]*;/, '', ALLOWS],
  ['documents', 'there are no owners by grant', /@id\("owner"\)[^;]*;/, '', DENIES],
  ['first', 'anybody edits', 'when { resource.owner == principal }', '', ALLOWS],
  ['notes', 'tenants are not isolated', /@id\("tenant-isolation"\)[^;]*;/, '', ALLOWS],
  [
    'authority',
    'a client gets tokens for every audience',
    /(action == Action::"obtainToken", resource\))[^;]*/,
    '$1',
    ALLOWS,
  ],
  ['authority', 'all tenants need each its name', 'principal.tenants.contains("*") || ', '', DENIES],
  ['authority', 'every template may be granted', /\nwhen \{ principal\.templates[^}]*\}/, '', ALLOWS],
  ['authority', 'no guard records', /@id\("guard-records[^;]*;/, '', DENIES],
  ['laboratory', 'a guest burns', ' && !principal.roles.contains("guest")', '', ALLOWS],
  ['laboratory', 'morning is at any time', 'context.now < datetime("2026-01-01T08:00:00Z") || ', '', ALLOWS],
  ['laboratory', 'there is always a manager', 'principal has manager && ', '', ERRS],

  // a comparison or a connective is another
  [
    'documents',
    'an owner is who is none',
    'resource.owner == principal };\n\n@id("folder',
    'resource.owner != principal };\n\n@id("folder',
    ALLOWS,
  ],
  [
    'documents',
    'tenants are isolated from themselves',
    'unless { resource.tenant == p',
    'unless { resource.tenant != p',
    ALLOWS,
  ],
  ['documents', 'what is not shared is', '&& resource.shared', '&& !resource.shared', ALLOWS],
  ['documents', 'what is not classified is', 'when { resource.classified }', 'when { !resource.classified }', ALLOWS],
  ['documents', 'office and VPN at once', ') || context.ip', ') && context.ip', DENIES],
  ['documents', 'a second factor or a fresh one', '"mfa" && context', '"mfa" || context', ALLOWS],
  ['documents', 'five minutes to the millisecond', '<= duration', '< duration', DENIES],
  ['documents', 'inside needs a second factor', 'when { context.outside }', 'when { !context.outside }', ALLOWS],
  [
    'documents',
    'the range is in the address',
    'context.ip.isInRange(principal.networks.office)',
    'principal.networks.office.isInRange(context.ip)',
    DENIES,
  ],
  [
    'documents',
    'time runs backwards',
    'context.now.durationSince(context.authTime)',
    'context.authTime.durationSince(context.now)',
    ALLOWS,
  ],
  ['first', 'tenants are isolated from themselves', 'unless', 'when', ALLOWS],
  ['laboratory', 'level ten is not enough', 'principal.level >= 10', 'principal.level > 10', DENIES],
  ['laboratory', 'a score of 1.5 is enough', 'greaterThan(', 'greaterThanOrEqual(', ALLOWS],
  ['laboratory', 'old or dry', 'containsAll', 'containsAny', ALLOWS],
  ['laboratory', 'a manager of the same level', 'manager.level > p', 'manager.level >= p', ALLOWS],
  ['laboratory', 'the first second after six', 'context.now.toTime() >=', 'context.now.toTime() >', ALLOWS],
  ['laboratory', 'the last day of probation', '> context.now', '>= context.now', DENIES],
  ['laboratory', 'from home', ' && context.from != resource.home', ' || context.from != resource.home', ALLOWS],

  // a constant is another
  ['documents', 'auditors are admins', 'Role::"auditor"', 'Role::"admin"', DENIES],
  ['documents', 'a millisecond more', '"5m"', '"5m1ms"', ALLOWS],
  ['documents', 'a minute less', '"5m"', '"4m"', DENIES],
  ['documents', 'another second factor', '== "mfa"', '== "pwd"', ALLOWS],
  ['documents', 'the VPN twice', 'networks.office', 'networks.vpn', DENIES],
  ['first', 'another role', 'Role::"auditor"', 'Role::"auditors"', ALLOWS],
  ['authority', 'another word for all', 'tenants.contains("*")', 'tenants.contains("all")', ALLOWS],
  [
    'authority',
    'grants are judged by another attribute',
    'contains(resource.tenant)',
    'contains(resource.template)',
    ALLOWS,
  ],
  ['laboratory', 'level nine', '>= 10', '>= 9', ALLOWS],
  ['laboratory', 'a ten-thousandth more', '"1.5"', '"1.5001"', DENIES],
  ['laboratory', 'another beginning', '"adm*"', '"admin*"', DENIES],
  ['laboratory', 'half of the network', '10.0.0.0/8', '10.0.0.0/9', DENIES],
  ['laboratory', 'a minute earlier', 'T08:00:00Z', 'T07:59:00Z', ALLOWS],
  ['laboratory', 'a day of probation more', '"30d"', '"31d"', DENIES],
  ['laboratory', 'another tag', 'getTag("clearance") == "high"', 'getTag("clearance") == "low"', ALLOWS],
  ['laboratory', 'another desk', '"desk"', '"phone"', ALLOWS],
  ['laboratory', 'deeper boxes', '< 7', '< 9', ALLOWS],
  ['laboratory', 'another organisation', 'Org::"root"', 'Org::"top"', ALLOWS],

  // a scope is wider or narrower
  ['documents', 'everybody is an admin', 'principal in Role::"admin"', 'principal', ALLOWS],
  [
    'documents',
    'an admin does not delete',
    'Action::"create", Action::"delete", Action::"share"],\n  resource\n)\nwhen',
    'Action::"create", Action::"share"],\n  resource\n)\nwhen',
    DENIES,
  ],
  [
    'documents',
    'an auditor deletes',
    /(Role::"auditor"), action == Action::"view"/,
    '$1, action in [Action::"view", Action::"delete"]',
    ALLOWS,
  ],
  [
    'documents',
    'a viewer edits',
    'principal in ?principal, action == Action::"view"',
    'principal in ?principal, action in [Action::"view", Action::"edit"]',
    ALLOWS,
  ],
  [
    'documents',
    'a viewer of a folder views nothing',
    'action == Action::"view", resource in ?resource',
    'action == Action::"view", resource == ?resource',
    DENIES,
  ],
  [
    'documents',
    'a team is granted nothing',
    'principal in ?principal, action == Action::"view"',
    'principal == ?principal, action == Action::"view"',
    DENIES,
  ],
  [
    'documents',
    'tenants are isolated for readers',
    'forbid (principal, action, resource)\nunless',
    'forbid (principal, action == Action::"view", resource)\nunless',
    ALLOWS,
  ],
  [
    'documents',
    'classified may be deleted anywhere',
    'forbid (principal, action, resource is Document)',
    'forbid (principal, action in [Action::"view", Action::"edit", Action::"share"], resource is Document)',
    ALLOWS,
  ],
  ['first', 'everybody is an auditor', 'principal in Role::"auditor"', 'principal', ALLOWS],
  ['first', 'an owner views', 'action in [Action::"view", Action::"edit"]', 'action == Action::"view"', DENIES],
  [
    'notes',
    'a viewer edits',
    'action == Action::"view", resource in',
    'action in [Action::"view", Action::"edit"], resource in',
    ALLOWS,
  ],
  ['authority', 'every client grants', 'principal in Role::"granter"', 'principal', ALLOWS],
  [
    'authority',
    'an auditor sees no keys',
    'Action::"readPolicy", Action::"readKeys",',
    'Action::"readPolicy",',
    DENIES,
  ],
  ['laboratory', 'any box of the organisation', 'resource in Box::"crate"', 'resource', ALLOWS],
  ['laboratory', 'the organisation only opens', 'action in Action::"touch"', 'action == Action::"open"', DENIES],
  [
    'laboratory',
    'probation is for burning',
    'action in [Action::"move", Action::"burn"]',
    'action == Action::"burn"',
    ALLOWS,
  ],
]
