/** What a vendor's row has, in a table or on a phone. */
import { Badge, Button, InlineStack, Link, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { ShownVendor } from '../../../runtime/support-fleet.ts'
import { useTime } from '../../times.ts'
import { STATE_TONES, STATES } from '../lane-state.tsx'
import { useNumber } from '../number.ts'
import { shopsAddress } from '../shops/words.ts'
import { type Figures, useFigures } from './figures.ts'

type Props = { vendor: ShownVendor }

/** It leads to the vendor's own page. */
export function Name({ vendor: { vendor, name } }: Props) {
  return <Link url={`/support/fleet/vendor/${vendor}`}>{name}</Link>
}

/** @returns a function that names a vendor's figures below each other, each part of one after it */
export function useDeliveryFacts() {
  const figures = useFigures()
  return (vendor: ShownVendor) =>
    figures(vendor)
      .flatMap(({ parts, ...figure }) => [
        figure,
        ...parts.map(part => ({ ...part, name: `${figure.name}: ${part.name}` })),
      ])
      .map(({ url, ...figure }) => (url === null ? figure : { ...figure, url }))
}

/** Until when it sends nothing for any shop. */
export function Rests({ vendor: { restsUntil } }: Props) {
  const { t } = useTranslation()
  const time = useTime()
  if (restsUntil === null) return null
  return (
    <Text as="p" tone="critical">
      {t('support.fleet.rests', { time: time(restsUntil) })}
    </Text>
  )
}

/** How many have it connected, and of these how many stand how. */
export function Shops({ vendor: { vendor, shops, states } }: Props) {
  const { t } = useTranslation()
  const number = useNumber()
  return (
    <InlineStack gap="150" blockAlign="center">
      <Link url={shopsAddress({ vendor })}>
        {t('support.fleet.connected', { count: shops, formatted: number(shops) })}
      </Link>
      {STATES.filter(state => states[state] > 0).map(state => (
        <Link key={state} url={shopsAddress({ vendor, state })}>
          <Badge tone={STATE_TONES[state]}>
            {t('support.fleet.stateCount', {
              state: t(`support.state.${state}`),
              formatted: number(states[state]),
            })}
          </Badge>
        </Link>
      ))}
    </InlineStack>
  )
}

/** What a figure is made up of, where each part has a list of its own. */
export function FigureParts({ parts }: Pick<Figures, 'parts'>) {
  return parts.map(({ name, value, url, told }) => (
    <div key={name} style={{ fontSize: '0.75rem' }}>
      <Link url={url ?? ''} accessibilityLabel={told}>
        {`${name}: ${value}`}
      </Link>
    </div>
  ))
}

export function Acts({ vendor: { vendor, name } }: Props) {
  const { t } = useTranslation()
  return (
    <InlineStack gap="200" wrap={false}>
      {(['hold', 'release'] as const).map(kind => (
        <Button
          key={kind}
          url={`/support/fleet?kind=${kind}&vendor=${vendor}`}
          accessibilityLabel={t(`support.fleet.ask.${kind}`, { vendor: name })}
        >
          {t(`support.fleet.kind.${kind}`)}
        </Button>
      ))}
    </InlineStack>
  )
}
