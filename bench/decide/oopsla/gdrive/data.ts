// Drive: documents in folders, folders in folders; each has an owner; users and groups are shown some of both.

import type { Random } from '../../../random.ts'
import { balanced, closure, names } from '../hierarchy.ts'

export interface Drive {
  readonly users: readonly DriveUser[]
  readonly requests: readonly DriveRequest[]
}

export interface DriveUser {
  readonly id: string
  readonly groups: readonly string[]
  readonly ownedDocuments: ReadonlySet<string>
  readonly ownedFolders: ReadonlySet<string>
  /** Documents and folders that the user, or a group of the user, is shown. */
  readonly shown: ReadonlySet<string>
}

/** A document or a folder. */
export interface DriveFile {
  readonly type: 'Document' | 'Folder'
  readonly id: string
  readonly isPublic: boolean
  /** All folders that it is in, also through other folders. */
  readonly folders: readonly string[]
  /** The views that it is in itself, by whom they were made for. */
  readonly views: readonly string[]
}

export interface DriveRequest {
  readonly user: DriveUser
  readonly action: DriveAction
  readonly file: DriveFile
}

export type DriveAction = 'read' | 'write' | 'share' | 'changeOwner' | 'createDocument'

const DOCUMENT_ACTIONS: readonly DriveAction[] = ['read', 'read', 'read', 'write', 'share', 'changeOwner']

export function driveOf(size: number, random: Random): Drive {
  const groups = names('group', size)
  const members = names('user', size).map((id) => ({ id, groups: random.some(groups, 2 / size) }))
  const folders = names('folder', size)
  const parentOf = new Map(
    folders.map((folder, at) => [folder, at > 0 && random.chance(0.6) ? [random.pick(folders.slice(0, at))] : []]),
  )
  const above = (direct: readonly string[]): readonly string[] => [
    ...direct,
    ...closure(direct, (folder) => parentOf.get(folder) ?? []),
  ]
  const viewers = [...members.map(({ id }) => id), ...groups]
  const fileOf = (type: DriveFile['type'], id: string, direct: readonly string[]): DriveFile & { owner: string } => ({
    type,
    id,
    isPublic: type === 'Document' && random.chance(0.05),
    folders: above(direct),
    views: random.some(viewers, 1.5 / size),
    owner: random.pick(members).id,
  })
  const folderFiles = folders.map((id) => fileOf('Folder', id, parentOf.get(id) ?? []))
  const documents = names('document', size).map((id) =>
    fileOf('Document', id, random.chance(0.8) ? [random.pick(folders)] : []),
  )
  const users = members.map(({ id, groups }): DriveUser => {
    const viewedBy = ({ views }: DriveFile): boolean => views.some((view) => view === id || groups.includes(view))
    const owned = (files: typeof documents): ReadonlySet<string> =>
      new Set(files.filter(({ owner }) => owner === id).map((file) => file.id))
    return {
      id,
      groups,
      ownedDocuments: owned(documents),
      ownedFolders: owned(folderFiles),
      shown: new Set([...documents, ...folderFiles].filter(viewedBy).map((file) => file.id)),
    }
  })
  const draw = (): DriveRequest => {
    const user = random.pick(users)
    if (random.chance(0.15)) return { user, action: 'createDocument', file: random.pick(folderFiles) }
    return { user, action: random.pick(DOCUMENT_ACTIONS), file: random.pick(documents) }
  }
  return { users, requests: balanced(draw, mayDrive) }
}

/** The policies by hand. */
export function mayDrive({ user, action, file }: DriveRequest): boolean {
  switch (action) {
    case 'read':
      return file.isPublic || isWithin(file, user.shown) || isOwned(user, file)
    case 'write':
    case 'share':
      return isOwned(user, file)
    case 'changeOwner':
      return user.ownedDocuments.has(file.id)
    case 'createDocument':
      return user.ownedFolders.has(file.id)
    default:
      return action satisfies never
  }
}

function isOwned(user: DriveUser, file: DriveFile): boolean {
  return user.ownedDocuments.has(file.id) || isWithin(file, user.ownedFolders)
}

function isWithin({ id, folders }: DriveFile, ids: ReadonlySet<string>): boolean {
  if (ids.has(id)) return true
  for (const folder of folders) if (ids.has(folder)) return true
  return false
}
