// Drive, for every subject.

import { defineAbility, type MongoAbility, subject } from '@casl/ability'
import type { Subject } from '../../../harness.ts'
import { seeded } from '../../../random.ts'
import { type CedarEntity, type CedarWorkload, reference, uid, type Workload } from '../../workload.ts'
import { readSources } from '../hierarchy.ts'
import { type Drive, type DriveFile, driveOf, type DriveUser, mayDrive } from './data.ts'

export function gdrive(size: number): Workload {
  const data = driveOf(size, seeded(size))
  return {
    name: 'gdrive',
    size,
    cedar: cedarOf(data),
    peers: new Map([
      ['hand-written', () => handWritten(data)],
      ['casl-cached', () => caslCached(data)],
    ]),
  }
}

function cedarOf({ users, requests }: Drive): CedarWorkload {
  const principals = new Map(users.map((user) => [user, userEntity(user)]))
  const files = new Map<DriveFile, CedarEntity>()
  const fileEntity = (file: DriveFile): CedarEntity => {
    const known = files.get(file) ?? entityOfFile(file, users)
    files.set(file, known)
    return known
  }
  return {
    ...readSources('gdrive'),
    requests: requests.map(({ user, action, file }) => ({
      principal: principals.get(user) ?? userEntity(user),
      action: uid('Action', action),
      resource: fileEntity(file),
      context: {},
      others: [],
    })),
  }
}

function handWritten({ requests }: Drive): Subject {
  return {
    name: 'hand-written',
    cases: requests.length,
    run(index) {
      const request = requests[index]
      return request !== undefined && mayDrive(request)
    },
  }
}

function caslCached({ users, requests }: Drive): Subject {
  const abilities = new Map(users.map((user) => [user.id, abilityFor(user)]))
  const prepared = requests.map(({ user, action, file }) => ({
    user: user.id,
    action,
    file: subject(file.type, { id: file.id, folders: file.folders, isPublic: file.isPublic }),
  }))
  return {
    name: 'casl-cached',
    cases: prepared.length,
    run(index) {
      const request = prepared[index]
      return request !== undefined && (abilities.get(request.user)?.can(request.action, request.file) ?? false)
    },
  }
}

function abilityFor({ shown, ownedDocuments, ownedFolders }: DriveUser): MongoAbility {
  return defineAbility((can) => {
    can('read', 'Document', { isPublic: true })
    can('read', 'Document', { id: { $in: [...shown] } })
    can('read', 'Document', { folders: { $in: [...shown] } })
    can(['read', 'write', 'share', 'changeOwner'], 'Document', { id: { $in: [...ownedDocuments] } })
    can(['read', 'write', 'share'], 'Document', { folders: { $in: [...ownedFolders] } })
    can('createDocument', 'Folder', { id: { $in: [...ownedFolders] } })
  })
}

function userEntity({ id, groups, ownedDocuments, ownedFolders }: DriveUser): CedarEntity {
  return {
    uid: uid('User', id),
    attrs: {
      documentsAndFoldersWithViewAccess: reference('View', id),
      ownedDocuments: [...ownedDocuments].map((document) => reference('Document', document)),
      ownedFolders: [...ownedFolders].map((folder) => reference('Folder', folder)),
    },
    parents: groups.map((group) => uid('Group', group)),
  }
}

/** A file is in the views of all who are shown it or a folder above it; a group's view is in the view of each of its members. */
function entityOfFile({ type, id, isPublic, folders, views }: DriveFile, users: readonly DriveUser[]): CedarEntity {
  const above = new Set(folders)
  const viewers = users.filter(({ shown }) => shown.has(id) || folders.some((folder) => shown.has(folder)))
  const ancestors = new Set([...views, ...viewers.map((user) => user.id)])
  return {
    uid: uid(type, id),
    attrs: type === 'Document' ? { isPublic } : {},
    parents: [...[...above].map((folder) => uid('Folder', folder)), ...[...ancestors].map((view) => uid('View', view))],
  }
}
