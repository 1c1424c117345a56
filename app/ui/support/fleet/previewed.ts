/** What a hold or a release of many shops comes to, in the words of the Fleet page and of `sluice fleet`. */
import type { TFunction } from 'i18next'
import type { FleetAsked } from '../../../delivery/fleet-filter.ts'
import type { ShownPreview } from '../../../runtime/support-fleet.ts'

/** Why shops that the filter fits would not be changed. */
const NONE_CHANGED = { hold: 'allHeld', release: 'noneHeld' } as const

/** `of`, `shops` and `become` are one sentence, of which `shops` names those that the filter fits; `kept`: what becomes of holds that there are. */
export type Previewed = {
  of: string | null
  shops: string
  become: string
  kept: string | null
  deliveries: string | null
}

export function previewed(
  t: TFunction,
  { kind, filter }: FleetAsked,
  {
    shops,
    toChange,
    deliveries,
    countedAt,
  }: Pick<ShownPreview, 'shops' | 'toChange' | 'deliveries' | 'countedAt'>,
  number: (value: number) => string,
  time: (iso: string) => string,
): Previewed {
  const counts = (count: number) => ({ count, formatted: number(count) })
  const isPart = toChange > 0 && toChange < shops
  const none = shops === 0 ? 'nobody' : NONE_CHANGED[kind]
  return {
    of: isPart ? t('support.fleet.previewed.of', counts(toChange)) : null,
    shops: t(`support.fleet.${isPart ? 'connected' : 'previewed.fit'}`, counts(shops)),
    become:
      toChange === 0
        ? t(`support.fleet.previewed.${none}`, counts(shops))
        : isPart
          ? t(`support.fleet.previewed.will.${kind}`)
          : t(`support.fleet.previewed.${kind}`, counts(toChange)),
    kept:
      kind === 'hold' && toChange > 0
        ? t(`support.fleet.previewed.${filter.heldFor === null ? 'alreadyHeld' : 'replaces'}`)
        : null,
    deliveries:
      toChange === 0
        ? null
        : deliveries === null || countedAt === null
          ? t('support.fleet.previewed.notCounted')
          : t(`support.fleet.previewed.${kind}Deliveries`, { ...counts(deliveries), time: time(countedAt) }),
  }
}
