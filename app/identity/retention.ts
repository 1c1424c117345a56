/** How long is remembered who a browser is: not longer than a browser keeps its id. */
import type { Pool } from 'pg'
import { CHUNK, inChunks } from '../db/chunks.ts'

/** A visitor's id is made anew after thirteen months (396 days); an order may come some days later. */
const LINK_DAYS = 400
/** A checkout and its order are told within days. */
const CHECKOUT_DAYS = 30

/** An event may be told thirty days late, and goes with the week in which it was received. */
const LATE_DAYS = 38

/** @returns how many rows were deleted */
export async function forgetLinks(pool: Pool, now: Date): Promise<number> {
  const links = await inChunks(
    pool,
    `delete from visitor_links where (shop_id, visitor_id, origin) in (
       select shop_id, visitor_id, origin from visitor_links
       where linked_at < $1::timestamptz - make_interval(days => $2) and said_at < $1::timestamptz - make_interval(days => $2)
       limit ${CHUNK})`,
    [now, LINK_DAYS],
  )
  const checkouts = await inChunks(
    pool,
    `delete from visitor_checkouts where (shop_id, token) in (
       select shop_id, token from visitor_checkouts
       where touched_at < $1::timestamptz - make_interval(days => $2) limit ${CHUNK})`,
    [now, CHECKOUT_DAYS],
  )
  return links + checkouts
}

/**
 * A refusal is kept for longer than any event that it can be about: what is replayed must meet it.
 * @param eventDays how long events are kept
 * @returns how many rows were deleted
 */
export function forgetRefusals(pool: Pool, now: Date, eventDays: number): Promise<number> {
  return inChunks(
    pool,
    `delete from visitor_refusals where (shop_id, visitor_id) in (
       select shop_id, visitor_id from visitor_refusals
       where noted_on < $1::timestamptz - make_interval(days => $2) limit ${CHUNK})`,
    [now, eventDays + LATE_DAYS],
  )
}
