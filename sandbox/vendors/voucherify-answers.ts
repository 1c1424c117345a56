/** Voucherify's error object. */
import { randomBytes } from 'node:crypto'
import type { Answer } from './contract.ts'

/** The documented error object: `code` repeats the status, `key` is the machine word. */
export function refuse(status: number, key: string | undefined, message: string, details?: string): Answer {
  const named = {
    code: status,
    ...(key !== undefined && { key }),
    message,
    ...(details !== undefined && { details }),
  }
  return { status, body: { ...named, request_id: `v-${randomBytes(9).toString('hex')}` } }
}
