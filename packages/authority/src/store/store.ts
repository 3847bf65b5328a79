// The store's interface. One implementation per database; test/store/contract.ts runs against each.
//
// INVARIANT: a position comes from one counter row that is updated in the transaction of the change it numbers, so the
// order of the numbers is the order of the commits and a reader who sees `seq` sees every change up to it.
// INVARIANT: `read` shows one state of the database from start to end; `write` happens whole or not at all.
// The work given to either may await the view's own methods and nothing else.

import type { ChainedEntry, Position, Revocation } from '@cardea/feed'
import type {
  AuditState,
  BundleRecord,
  Change,
  CheckpointRecord,
  ClientRecord,
  DecisionQuery,
  DecisionRow,
  DenialGroup,
  GrantRecord,
  GrantSetRecord,
  KeyRecord,
  KeyState,
  NumberedChange,
  PrincipalRecord,
  PublicationRecord,
  RefreshTokenRecord,
  SessionRecord,
  StagedRecord,
} from './records.ts'

export interface Store {
  read<T>(work: (view: StoreView) => Promise<T>): Promise<T>
  write<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T>
  /**
   * Hears every change after its commit, in order, whichever authority made it; one's own before `write` is over, unless the database
   * breaks in between, and then when it is back. A listener must not throw. With the change of an epoch the numbers begin anew.
   */
  onChange(listener: (change: NumberedChange, position: Position) => void): () => void
  /** Resolves when the listeners have heard every change up to a position that was read. */
  hear(position: Position): Promise<void>
  /** Waits for the work under way, then closes; what comes later is `ERR_AUTHORITY_CLOSED`. */
  close(): Promise<void>
}

export interface StoreView {
  position(): Promise<Position>
  /** Changes with a number greater than `seq`, in order. */
  changesAfter(seq: number, limit: number): Promise<NumberedChange[]>
  /** The greatest number that was pruned from the log; 0 when it is whole. */
  prunedUpTo(): Promise<number>
  /** The number of the last change up to `seq` that concerns any of the tenants; where older ones were pruned, none is before those. */
  lastConcerning(tenants: readonly string[], seq: number): Promise<number>
  /** Revocations that can still match a living token; with `tenants`, one of theirs. */
  revocations(nowSeconds: number, tenants?: readonly string[]): Promise<Revocation[]>
  /** With it people are named in the feed; another one in every epoch. */
  subjectKey(): Promise<string>

  client(id: string): Promise<ClientRecord | undefined>
  clients(): Promise<ClientRecord[]>
  principal(issuer: string, tenant: string, subject: string): Promise<PrincipalRecord | undefined>
  sessionByOrigin(origin: string): Promise<SessionRecord | undefined>
  session(sid: string): Promise<SessionRecord | undefined>
  refreshToken(hash: string): Promise<RefreshTokenRecord | undefined>

  grant(id: string): Promise<GrantRecord | undefined>
  /** What is granted to any of the grantees in the tenant and has not ended. */
  grantsOf(tenant: string, grantees: readonly Grantee[], nowSeconds: number): Promise<GrantRecord[]>
  grants(query: GrantQuery): Promise<GrantRecord[]>
  /** What tokens name by this digest, also after its end until it is pruned. */
  grantSet(digest: string): Promise<GrantSetRecord | undefined>

  keys(): Promise<KeyRecord[]>
  /** The newest publication. */
  publication(): Promise<PublicationRecord | undefined>
  staged(): Promise<StagedRecord | undefined>
  /** The newest bundle for an audience. */
  bundle(audience: string): Promise<BundleRecord | undefined>
  bundleByDigest(digest: string): Promise<BundleRecord | undefined>
  /** Bundles for an audience that were current at or after the time, newest first. */
  bundlesSince(audience: string, sinceSeconds: number): Promise<BundleRecord[]>

  decisions(query: DecisionQuery): Promise<DecisionRow[]>
  denialGroups(query: DecisionQuery): Promise<DenialGroup[]>

  audit(): Promise<AuditState>
  /** Records of the chain after the one of this number, in order. */
  auditEntries(afterCount: number, limit: number): Promise<ChainedEntry[]>
  /** In order of their count. */
  checkpoints(): Promise<CheckpointRecord[]>
  newestCheckpoint(): Promise<CheckpointRecord | undefined>
}

export interface StoreTransaction extends StoreView {
  /** Numbers a change and keeps it: the only way a position moves. */
  append(change: Change): Promise<Position>
  /** Starts a new epoch: after a restore, when numbers may have been given out that this database does not know. */
  beginEpoch(): Promise<Position>

  insertClient(client: ClientRecord): Promise<void>
  deleteClient(id: string): Promise<boolean>
  insertPrincipal(principal: PrincipalRecord): Promise<void>
  insertSession(session: SessionRecord): Promise<void>
  /** Binds a session to a certificate for good; false when it is bound already, to whichever. */
  bindSession(sid: string, certificateThumbprint: string): Promise<boolean>
  /** Ends sessions that match all members that are given; answers how many. */
  endSessions(which: SessionQuery, atSeconds: number): Promise<number>
  insertRefreshToken(token: RefreshTokenRecord): Promise<void>
  /**
   * Spends it, and forgets the salt of its predecessor. False, and nothing changes, when it is spent already: of any number
   * of transactions, on any number of connections, one is told true.
   */
  spendRefreshToken(
    token: Pick<RefreshTokenRecord, 'hash' | 'predecessor'>,
    salt: string,
    atSeconds: number,
  ): Promise<boolean>
  /** Notes the use of one that is not spent by it. False when it is spent. */
  useRefreshToken(hash: string, atSeconds: number): Promise<boolean>
  /** True once for a name, and then false until it is forgotten at its end. */
  useAssertion(name: string, endsAtSeconds: number): Promise<boolean>

  insertGrant(grant: GrantRecord): Promise<void>
  deleteGrant(id: string): Promise<boolean>
  /** Keeps a set; one that is there is kept until the later of both ends. */
  keepGrantSet(set: GrantSetRecord): Promise<void>

  insertKey(key: KeyRecord): Promise<void>
  setKeyState(kid: string, state: KeyState, retiresAtSeconds?: number): Promise<void>
  /** The private half of a key under another encryption. */
  resealKey(kid: string, sealed: string): Promise<void>

  insertPublication(publication: PublicationRecord): Promise<void>
  insertBundle(bundle: BundleRecord): Promise<void>
  setStaged(staged: StagedRecord | undefined): Promise<void>

  /**
   * Keeps records, and chains each to the one before it; one that is there already, by (sender, start, n), is left alone. Answers how
   * many are new.
   */
  insertDecisions(rows: readonly DecisionRow[]): Promise<number>
  /** False, and nothing changes, when there is one of as many records or more. */
  insertCheckpoint(checkpoint: CheckpointRecord): Promise<boolean>
  /** Erases what is personal in some of the records about an entity of the tenant; answers how many. At 0 there are no more. */
  eraseDecisions(tenant: string, entity: string): Promise<number>
  /** Removes what nobody can need: expired revocations, ended sessions, grants and grant sets, old changes and decisions. */
  prune(before: PruneLimits): Promise<void>
}

interface Grantee {
  readonly type: string
  readonly id: string
}

export interface GrantQuery {
  readonly tenant?: string
  readonly grantee?: Grantee
  readonly resource?: Grantee
  readonly template?: string
  readonly limit: number
}

export interface SessionQuery {
  readonly sid?: string
  readonly tenant?: string
  readonly principal?: string
  readonly clientId?: string
}

interface PruneLimits {
  readonly nowSeconds: number
  /** Revocations that expired before this are gone; sign-ins from before it can no longer be exchanged. */
  readonly revocationsBeforeSeconds: number
  readonly changesBeforeSeconds: number
  /** Records that were kept before this, up to the last checkpoint among them. */
  readonly decisionsBeforeSeconds: number
}
