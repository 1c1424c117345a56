/** Every column that keeps something sealed, and what its values are bound to: what a rotation of keys goes through. */
import { z } from 'zod'
import { secretsContext } from '../delivery/connections.ts'
import { eventContext } from '../delivery/event-rows.ts'
import { customerContext } from '../identity/customer-record.ts'
import { emailContext } from '../identity/learn-links.ts'
import { alertContext } from '../insights/shop-settings.ts'
import { requestContext } from '../privacy/requests.ts'
import { sessionContext } from '../shopify/admin/session-seal.ts'
import { codeContext } from '../support/codes.ts'

/** The columns of a row's key, as text. */
export type Key = Readonly<Record<string, string>>

export type SealedColumn = {
  table: string
  column: string
  /** The table's key, the first column first, with its type in PostgreSQL. */
  key: readonly (readonly [name: string, type: string])[]
  /** What its values are bound to. @param mark of the same row, where the column has one */
  context(key: Key, mark: string): readonly string[]
  /** By which an address is found: the column, and the address within what was sealed. */
  mark?: { column: string; emailIn(plain: string): string | null }
}

const personSchema = z.object({ email: z.string().nullish() })
const number = (key: Key, name: string) => Number(key[name])
const text = (key: Key, name: string) => key[name] ?? ''
const shop = ['shop_id', 'int'] as const

const session = (column: 'access_token' | 'refresh_token' | 'staff'): SealedColumn => ({
  table: 'sessions',
  column,
  key: [['id', 'text']],
  context: key => sessionContext(text(key, 'id'), column),
})
const link = (table: string, rest: SealedColumn['key']): SealedColumn => ({
  table,
  column: 'email',
  key: [shop, ...rest],
  context: (key, mark) => emailContext(number(key, 'shop_id'), mark),
  mark: { column: 'email_mark', emailIn: plain => plain },
})

/** The spool is not among them: what it keeps is gone within seconds, and after a week at the latest. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  {
    ...{ table: 'connections', column: 'secrets', key: [shop, ['vendor', 'text']] },
    context: key => secretsContext(number(key, 'shop_id'), text(key, 'vendor')),
  },
  session('access_token'),
  session('refresh_token'),
  session('staff'),
  {
    ...{ table: 'customers', column: 'personal', key: [shop, ['customer_id', 'text']] },
    context: key => customerContext(number(key, 'shop_id'), text(key, 'customer_id')),
  },
  {
    ...{ table: 'events', column: 'personal', key: [shop, ['id', 'uuid']] },
    context: key => eventContext(number(key, 'shop_id'), text(key, 'id')),
    mark: { column: 'email_mark', emailIn: plain => personSchema.parse(JSON.parse(plain)).email ?? null },
  },
  link('visitor_links', [
    ['visitor_id', 'text'],
    ['origin', 'text'],
  ]),
  link('visitor_checkouts', [['token', 'text']]),
  {
    ...{ table: 'privacy_requests', column: 'subject', key: [shop, ['webhook_id', 'text']] },
    context: key => requestContext(number(key, 'shop_id'), text(key, 'webhook_id')),
  },
  {
    ...{ table: 'shops', column: 'alert_to', key: [['id', 'int']] },
    context: key => alertContext(number(key, 'id')),
  },
  {
    ...{ table: 'support_accounts', column: 'totp_secret', key: [['email', 'text']] },
    context: key => codeContext(text(key, 'email')),
  },
]
