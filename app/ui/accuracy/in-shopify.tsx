import { useTranslation } from 'react-i18next'
import type { AccuracyPage } from '../../runtime/merchant-accuracy.ts'
import { useTime } from '../times.ts'
import { Equation, type Term } from './equation.tsx'
import { ordersInShopify, placedList } from './words.ts'

type Props = { page: AccuracyPage; total: Term; awaited: boolean }

/** The same orders by where they are: what Shopify counted, and what its count cannot have. As many rows before it is here as afterwards. */
export function InShopify({ page, total, awaited }: Props) {
  const { t } = useTranslation()
  const time = useTime()
  const { shopify, whole, placed, early, period } = page
  const counted = shopify.state === 'counted' ? shopify : null
  const row = (key: 'since' | 'early' | 'gone', count: number | null, at?: string): Term => ({
    key,
    words: t(`accuracy.inShopify.${key}`, { time: at }),
    count,
    url: null,
  })
  const at = counted ? time(counted.until) : '…'
  const terms: Term[] = [
    {
      key: 'counted',
      words: t('accuracy.inShopify.counted', { time: at }),
      count: counted?.orders ?? null,
      url: counted && placed.counted ? ordersInShopify(placed.counted) : null,
      external: true,
    },
    {
      ...row('since', counted?.since ?? null, at),
      url: counted?.since ? placedList(period, counted.until) : null,
    },
    ...(early > 0 ? [row('early', early)] : []),
    // Which they are nobody knows: Shopify tells how many it has.
    row('gone', counted && whole.gone),
  ]
  return (
    <Equation
      label={t('accuracy.inShopify.title')}
      head={t('accuracy.inShopify.title')}
      terms={terms}
      total={total}
      awaited={awaited}
    />
  )
}
