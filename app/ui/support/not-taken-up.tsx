/** That no order was received cannot be said while requests wait that nobody has read: one of them may be of it. */
import { Banner, BlockStack, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { InSpool } from '../../runtime/support-shops.ts'
import { counted } from '../counted.ts'
import { Nothing } from '../nothing.tsx'
import { useTime } from '../times.ts'
import { useNumber } from './number.ts'

/** `none`: what is said where nothing waits that may be of it. */
type Props = {
  order: string
  spool: InSpool | null
  none: { title: string; help: string }
  action: { content: string; url: string }
}

export function NotTakenUp({ order, spool, none, action }: Props) {
  const { t } = useTranslation()
  const told = useSpoolTold(spool, 'support.shops.notTakenUp.waiting')
  const mayBe = spool !== null && (spool.waiting ?? spool.failed) !== null
  const title = mayBe ? t('support.shops.notTakenUp.title', { order }) : none.title
  const help = mayBe ? told : [none.help, ...told]
  return <Nothing title={title} help={help.join(' ')} action={action} />
}

/** On a shop's own page, where no order was asked for. */
export function Spooled({ spool }: { spool: InSpool }) {
  const { t } = useTranslation()
  const told = useSpoolTold(spool, 'support.shop.spooled.waiting')
  return (
    <Banner tone="warning" title={t('support.shop.spooled.title')}>
      <BlockStack gap="150">
        {told.map(text => (
          <Text as="p" key={text}>
            {text}
          </Text>
        ))}
      </BlockStack>
    </Banner>
  )
}

/** How much of each kind there is, and since when. @param waiting in which words what waits is told */
function useSpoolTold(
  spool: InSpool | null,
  waiting: 'support.shops.notTakenUp.waiting' | 'support.shop.spooled.waiting',
): string[] {
  const { t } = useTranslation()
  const number = useNumber()
  const time = useTime()
  return (['waiting', 'failed', 'old'] as const).flatMap(kind => {
    const found = spool?.[kind]
    if (!found) return []
    const { requests: count, since } = found
    const words = kind === 'waiting' ? waiting : (`support.shops.notTakenUp.${kind}` as const)
    return [t(words, { count, number: counted(count, number), since: time(since) })]
  })
}
