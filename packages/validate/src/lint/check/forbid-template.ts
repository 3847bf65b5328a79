// A forbid with slots. Only permits can be granted, so nothing ever fills them.

import type { Check, Finding } from './check.ts'

export const forbidTemplate: Check = {
  name: 'forbid-template',
  code: 'ERR_VALIDATE_FORBID_TEMPLATE',
  find: ({ forms }) =>
    forms
      .filter(({ policy: { effect, slots } }) => effect === 'forbid' && slots.length > 0)
      .map(
        ({ policy }): Finding => ({
          policy,
          message: `\`${policy.id}\` is a \`forbid\` with a slot, which no grant can fill`,
          hint: 'forbid by an attribute or a group, and grant what is permitted: only a `permit` template can be granted',
          span: policy.slots.includes('principal') ? policy.principal.span : policy.resource.span,
        }),
      ),
}
