import type { Pool, PoolClient } from 'pg'
import { type AuditEntry, writeAudit } from '../support/audit.ts'
import { commandActor } from './actor.ts'

/** Writes down what a command does. @param client the transaction of it, where it has one */
export const note = (client: Pool | PoolClient, entry: AuditEntry): Promise<void> =>
  writeAudit(client, commandActor(), [entry])
