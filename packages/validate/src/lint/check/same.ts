// Two policies of one effect that are true in the same requests, and of forbids also err in the same.

import { cubesKey } from '../form/cubes.ts'
import { failingCubes, type PolicyForm } from '../form/policy-form.ts'
import type { Check, Finding } from './check.ts'

export const same: Check = {
  name: 'same',
  code: 'ERR_VALIDATE_SAME',
  find({ forms, waysOf }) {
    const first = new Map<string, PolicyForm>()
    return forms.flatMap((form): Finding[] => {
      if ((waysOf(form)?.length ?? 0) === 0) return []
      const key = keyOf(form)
      if (key === undefined) return []
      const other = first.get(key)
      if (other === undefined) {
        first.set(key, form)
        return []
      }
      const { policy } = form
      return [
        {
          policy,
          message: `\`${policy.id}\` says the same as \`${other.policy.id}\``,
          hint: 'remove one of them',
          span: policy.span,
          labels: [{ span: other.policy.span, message: 'this says the same' }],
        },
      ]
    })
  },
}

function keyOf(form: PolicyForm): string | undefined {
  const { effect, slots } = form.policy
  if (form.holds === undefined) return undefined
  const holds = `${effect} ${[...slots].sort().join()} ${cubesKey(form.holds)}`
  if (effect === 'permit') return holds
  // a forbid that errs denies, so it counts where it does
  const fails = failingCubes(form)
  return fails === undefined ? undefined : `${holds} not ${cubesKey(fails)}`
}
