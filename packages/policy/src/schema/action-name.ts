// How an action is named outside of policies: by its id, with its namespace before it.

import type { ActionUid } from './definition.ts'

/** `view` for `Action::"view"`, `Docs::view` for `Docs::Action::"view"`. */
export function actionName({ type, id }: ActionUid): string {
  return type === 'Action' ? id : `${type.slice(0, -'Action'.length)}${id}`
}

/** True for `Action` and for `Action` in a namespace: no entity type may have that name. */
export function isActionType(type: string): boolean {
  return type === 'Action' || type.endsWith('::Action')
}
