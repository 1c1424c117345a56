import { BlockStack, Box, Card, Text } from '@shopify/polaris'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ShownDelivery, ShownStory } from '../../runtime/merchant-activity.ts'
import type { ShownHold } from '../../runtime/merchant-vendors.ts'
import { Columns } from '../columns.tsx'
import { DeliveryCard } from './delivery.tsx'
import { ReplayOne, type Why } from './replay-one.tsx'
import { EventStory } from './story.tsx'

type Props = {
  story: ShownStory
  busy: boolean
  /** The address of the page of an event. */
  eventAt: (event: string) => string
  /** Where it is shown what a tool would be sent now, if anywhere. */
  previewOf?: (vendor: string) => string
  /** Sends it again at a tool. Not given: who looks may not. */
  onReplay?: ((vendor: string) => void) | undefined
  /** Where it has to be said why something is sent again. */
  why?: Why
  /** Tells of support's hold in other words than the merchant's. */
  showHold?: (delivery: ShownDelivery, hold: ShownHold) => ReactNode
  /** Tells what else stops a tool, in place of what its merchant would do about it. */
  showStops?: (delivery: ShownDelivery) => ReactNode
  /** Has a tool try what waits for it before its time. Not given: who looks may not. */
  onTry?: (vendor: string) => void
  /** What else is said beside the event. */
  children?: ReactNode
}

/** The whole story of an event: what came in beside where it went. Another event's, to which a link leads, is drawn anew. */
export function StoryLayout(props: Props) {
  return <OneStory key={props.story.event.id} {...props} />
}

function OneStory({
  story,
  busy,
  eventAt,
  previewOf,
  onReplay,
  why,
  showHold,
  showStops,
  onTry,
  children,
}: Props) {
  const { deliveries, notWanted, ...told } = story
  const { t } = useTranslation()
  // What needs somebody comes first. As the page was opened: nothing moves while it is looked at.
  const [failed] = useState(() =>
    deliveries.flatMap(({ outcome, vendor }) => (outcome === 'failed' ? vendor : [])),
  )
  const inOrder = deliveries.toSorted(
    (a, b) => Number(failed.includes(b.vendor)) - Number(failed.includes(a.vendor)),
  )
  const [asking, setAsking] = useState<ShownDelivery | null>(null)
  const send = () => {
    if (asking) onReplay?.(asking.vendor)
    setAsking(null)
  }
  return (
    <>
      <Columns widths={['oneThird', 'twoThirds']}>
        <BlockStack gap="400">
          <EventStory {...told} />
          {children}
        </BlockStack>
        <BlockStack gap="400">
          <Box paddingInline={{ xs: '400', sm: '0' }}>
            <Text as="h2" variant="headingMd">
              {t('activity.story.decisions')}
            </Text>
          </Box>
          {deliveries.length === 0 && (
            <Card>
              <Text as="p">{t('activity.nowhere')}</Text>
            </Card>
          )}
          {inOrder.map(delivery => (
            <DeliveryCard
              key={delivery.vendor}
              delivery={delivery}
              visited={told.visited}
              busy={busy}
              eventAt={eventAt}
              {...(previewOf && { preview: previewOf(delivery.vendor) })}
              onReplay={onReplay && (() => setAsking(delivery))}
              onTry={onTry && (() => onTry(delivery.vendor))}
              {...(showHold && { showHold })}
              {...(showStops && { showStops })}
            />
          ))}
          {notWanted.length > 0 && (
            <Card>
              <Text as="p">{t('activity.story.notWanted', { vendors: notWanted.join(', ') })}</Text>
            </Card>
          )}
          <Box paddingInline={{ xs: '400', sm: '0' }}>
            <Text as="p" variant="bodySm" tone="subdued" breakWord>
              {t('activity.story.id', { id: told.event.id })}
            </Text>
          </Box>
        </BlockStack>
      </Columns>
      {asking && <ReplayOne delivery={asking} why={why} onSend={send} onClose={() => setAsking(null)} />}
    </>
  )
}
