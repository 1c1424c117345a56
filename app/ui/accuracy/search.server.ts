/** What an address of the accuracy page asks for. */
import { z } from 'zod'

const daysSchema = z.coerce.number().int().catch(Number.NaN)

/** How many days a request asks for; NaN where it does not say. */
export function daysIn(request: Request): number {
  return daysSchema.parse(new URL(request.url).searchParams.get('days') ?? undefined)
}
