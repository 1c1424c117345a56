import { Badge, Banner, BlockStack, Button, Card, InlineStack, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { SettingsPage } from '../../runtime/merchant-settings.ts'
import { useTime } from '../times.ts'
import { useTrouble } from '../trouble.ts'
import { Section } from './section.tsx'

type Props = Pick<SettingsPage, 'embed' | 'pixel'> & {
  activating: boolean
  disabled: boolean
  onActivate(): void
}

const EMBED_TONES = { live: 'success', silent: 'warning', never: undefined } as const
const PIXEL_TONES = { active: 'success', outdated: 'warning', inactive: undefined } as const

/** How the theme's embed and the web pixel stand: what they did last, and what switches them on. */
export function Storefront({ embed, pixel, activating, disabled, onActivate }: Props) {
  const { t } = useTranslation()
  const time = useTime()
  const heard = (at: string | null) =>
    at === null ? t('settings.storefront.neverHeard') : t('settings.storefront.heard', { time: time(at) })
  const trouble = useTrouble()
  return (
    <Section title={t('settings.storefront.title')} about={t('settings.storefront.about')}>
      <BlockStack gap="400">
        <Card>
          <BlockStack gap="200">
            <InlineStack gap="200" blockAlign="center">
              <Text as="h3" variant="headingSm">
                {t('settings.embed.title')}
              </Text>
              <Badge tone={EMBED_TONES[embed.state]}>{t(`settings.storefront.${embed.state}`)}</Badge>
            </InlineStack>
            <Text as="p">{heard(embed.heardAt)}</Text>
            {embed.state !== 'live' && <Text as="p">{t('settings.embed.how')}</Text>}
            <Text as="p" tone="subdued">
              {t('settings.embed.keep')}
            </Text>
            <InlineStack>
              <Button url={embed.editor} target="_top">
                {t('settings.embed.open')}
              </Button>
            </InlineStack>
          </BlockStack>
        </Card>
        <Card>
          <BlockStack gap="200">
            <InlineStack gap="200" blockAlign="center">
              <Text as="h3" variant="headingSm">
                {t('settings.pixel.title')}
              </Text>
              <Badge tone={PIXEL_TONES[pixel.state]}>{t(`settings.pixel.state.${pixel.state}`)}</Badge>
            </InlineStack>
            {pixel.state !== 'inactive' && pixel.setAt !== null && (
              <Text as="p">{t('settings.pixel.since', { time: time(pixel.setAt) })}</Text>
            )}
            <Text as="p">{heard(pixel.heardAt)}</Text>
            {pixel.trouble === null && pixel.state !== 'active' && (
              <Text as="p">{t(`settings.pixel.how.${pixel.state}`)}</Text>
            )}
            <div aria-live="polite">
              {pixel.trouble !== null && (
                <Banner tone="critical">
                  <p>{trouble(pixel.trouble)}</p>
                </Banner>
              )}
            </div>
            {pixel.refused && (
              <Banner tone="warning">
                <p>
                  {pixel.refused.host === ''
                    ? t('settings.pixel.refusedNowhere', { time: time(pixel.refused.at) })
                    : t('settings.pixel.refused', { time: time(pixel.refused.at), host: pixel.refused.host })}
                </p>
              </Banner>
            )}
            <InlineStack>
              <Button onClick={onActivate} loading={activating} disabled={disabled && !activating}>
                {t(pixel.state === 'inactive' ? 'settings.pixel.activate' : 'settings.pixel.again')}
              </Button>
            </InlineStack>
          </BlockStack>
        </Card>
      </BlockStack>
    </Section>
  )
}
