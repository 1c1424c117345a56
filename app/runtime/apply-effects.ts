/** Writing what webhooks change besides making events, in the transaction that accepts them. */
import type { PoolClient } from 'pg'
import type { Changes } from '../delivery/accept.ts'
import { completeCheckout } from '../delivery/checkouts.ts'
import { holdShop } from '../delivery/lane-state.ts'
import { learnCustomers } from '../identity/customers.ts'
import { mergeCustomers } from '../identity/merge.ts'
import { recordPrivacyRequest } from '../privacy/requests.ts'
import type { Sealer } from '../secrets/seal.ts'
import type { Effect } from '../shopify/effects.ts'
import { deleteProduct, saveProduct } from '../shopify/product-cache.ts'
import { changeScopes, changeShop, uninstallShop } from '../shopify/shops.ts'

/**
 * Customers, of whom every order tells, go in one statement. The rest follows in one order over all processes, by table
 * and key: two groups that change the same rows wait for each other, and never in a ring. What several say of one thing
 * comes to the same in any order.
 */
export async function applyEffects(
  client: PoolClient,
  sealer: Sealer,
  changes: readonly Changes<Effect>[],
): Promise<void> {
  const each = changes.flatMap(change => change.changes.map(effect => ({ change, effect })))
  const notices = each.flatMap(({ change: { shopId }, effect }) =>
    effect.kind === 'customer_seen' ? { shopId, notice: effect } : [],
  )
  if (notices.length > 0) await learnCustomers(client, sealer, notices)
  for (const { change, effect } of each.sort(inOneOrder)) await applyEffect(client, sealer, change, effect)
}

type One = { change: Changes<Effect>; effect: Effect }

const TABLES = ['customers', 'products', 'checkouts', 'shops', 'privacy_requests'] as const

function inOneOrder(a: One, b: One): number {
  const [first, second] = [placeOf(a.effect), placeOf(b.effect)]
  return (
    TABLES.indexOf(first.table) - TABLES.indexOf(second.table) ||
    a.change.shopId - b.change.shopId ||
    Number(first.key > second.key) - Number(first.key < second.key)
  )
}

/** Where an effect is written; `key` within the shop. */
function placeOf(effect: Effect): { table: (typeof TABLES)[number]; key: string } {
  switch (effect.kind) {
    case 'customer_seen':
      return { table: 'customers', key: effect.customerId }
    case 'customers_merged':
      return { table: 'customers', key: effect.keptId }
    case 'product_saved':
    case 'product_deleted':
      return { table: 'products', key: effect.productId }
    case 'checkout_completed':
      return { table: 'checkouts', key: effect.token ?? effect.cartToken ?? '' }
    case 'shop_changed':
    case 'scopes_changed':
    case 'uninstalled':
      return { table: 'shops', key: '' }
    case 'privacy_request':
      return { table: 'privacy_requests', key: '' }
  }
}

async function applyEffect(
  client: PoolClient,
  sealer: Sealer,
  { shopId, acceptance: { receipt, receivedAt } }: Changes<Effect>,
  effect: Effect,
): Promise<void> {
  switch (effect.kind) {
    case 'customer_seen':
      return
    case 'customers_merged':
      return mergeCustomers(client, sealer, shopId, effect)
    case 'checkout_completed':
      return completeCheckout(client, shopId, effect)
    case 'product_saved':
      return saveProduct(client, shopId, effect)
    case 'product_deleted':
      return deleteProduct(client, shopId, effect.productId, effect.at)
    case 'shop_changed':
      return changeShop(client, shopId, effect)
    case 'scopes_changed':
      return changeScopes(client, shopId, effect)
    case 'uninstalled':
      if (await uninstallShop(client, shopId, effect.at)) await holdShop(client, shopId)
      return
    case 'privacy_request':
      if (receipt) await recordPrivacyRequest(client, sealer, shopId, receipt.webhookId, effect, receivedAt)
  }
}
