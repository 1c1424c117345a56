/** A vendor's settings for people: what was set, with secrets masked, and what there is to set. */
import type { AnyVendor } from '../delivery/connections.ts'
import { maskSecret } from '../privacy/mask.ts'
import { type Field, fieldsOf } from '../vendors/settings.ts'
import { needsOf } from '../vendors/settings-needs.ts'

/** What was set, with what signs in masked, also where it is so already. */
export function shownSettings(vendor: AnyVendor, given: Record<string, unknown>): Record<string, unknown> {
  const secret = new Set(fieldsOf(vendor).flatMap(({ secret, half, name }) => (secret || half ? [name] : [])))
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      secret.has(name) && !isMasked(value) ? maskSecret(String(value)) : value,
    ]),
  )
}

const isMasked = (value: unknown) => typeof value === 'string' && value.startsWith('…')

/** `required`: "yes", "no", or where another setting decides: "when mode is client". */
export type Listed = Pick<Field, 'name' | 'kind' | 'options' | 'label' | 'help' | 'where'> & {
  required: string
  secret: boolean
}

/** The vendor's settings, in the order declared. */
export function settingsOf(vendor: AnyVendor): Listed[] {
  const needs = needsOf(vendor)
  return fieldsOf(vendor).map(({ name, kind, options, label, help, where, secret = false }) => ({
    ...{ name, required: needs.get(name) ?? 'no', secret, kind, options, label },
    ...(help !== undefined && { help }),
    ...(where !== undefined && { where }),
  }))
}
