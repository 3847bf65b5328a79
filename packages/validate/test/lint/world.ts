// The schema that the tests of checks share, and findings as short texts.

import { checkSources, type Validator } from '../../src/index.ts'

export const schema = {
  file: 'docs.cedarschema',
  text: `
    entity Tenant;
    entity Team in [Team] { level: Long };
    entity Role enum ["admin", "auditor"];
    entity User in [Team, Role] { tenant: Tenant, age: Long, name: String, manager?: User, active: Bool, team: Team };
    entity Client { name: String };
    entity Folder in [Folder] { owner: User, tenant: Tenant };
    entity Document in [Folder] {
      owner: User, tenant: Tenant, title?: String, size: Long, classified: Bool, readers: Set<User>,
      box: { width: Long, label?: String }, price: decimal, due: datetime
    } tags String;
    action reading;
    action view in [reading] appliesTo { principal: [User, Client], resource: [Document, Folder],
      context: { ip: ipaddr, now: datetime, acr?: String } };
    action edit appliesTo { principal: User, resource: Document, context: { ip: ipaddr, now: datetime, flag: Bool } };
    @sensitive
    action purge appliesTo { principal: User, resource: Document,
      context: { ip: ipaddr, now: datetime, acr?: String, authTime?: datetime, mfa: Bool } };`,
} as const

export interface Spot {
  readonly code: string
  readonly message: string
  readonly at: string
}

/** The findings of a text of policies, without the prefix that all codes share. */
export async function lintText(validator: Validator, text: string): Promise<readonly Spot[]> {
  const policies = [{ file: 'a.cedar', text }]
  const { problems } = await checkSources({ schema, policies }, validator)
  return problems.map(({ code, message, span }) => ({
    code: code.replace('ERR_VALIDATE_', ''),
    message,
    at: span === undefined ? '' : text.slice(span.start, span.end),
  }))
}
