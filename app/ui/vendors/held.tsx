/** Support holds a tool: why, since when, until when, and whom to ask. */
import { Banner, BlockStack, Link, Text } from '@shopify/polaris'
import { createContext, useContext } from 'react'
import { useTranslation } from 'react-i18next'
import type { ShownHold } from '../../runtime/merchant-vendors.ts'
import { useTime } from '../times.ts'

type Support = { email: string | null; url: string | null; releaseWithinDays: number | null }

/**
 * Whom merchants may ask of this installation, and how old what is released may be to go out (days; null: not known): given by the frame,
 * also where it tells that a page failed.
 */
export const SupportContext = createContext<Support>({ email: null, url: null, releaseWithinDays: null })

/** @returns in words, how old what is released may be to go out; null: not known, as where the frame did not reach the database */
export function useOldest(): string | null {
  const { i18n } = useTranslation()
  const { releaseWithinDays } = useContext(SupportContext)
  if (releaseWithinDays === null) return null
  const format = new Intl.NumberFormat(i18n.language, { style: 'unit', unit: 'day', unitDisplay: 'long' })
  return format.format(releaseWithinDays)
}

/**
 * `title`: says already what becomes of what happens meanwhile; not given: that support holds the tool. `off`: the merchant has switched it off besides.
 */
type Props = { name: string; hold: ShownHold; title?: string | undefined; off?: boolean }

export function Held({ name, hold: { reason, since, until }, title, off = false }: Props) {
  const { t } = useTranslation()
  const time = useTime()
  const days = useOldest()
  return (
    <Banner tone="warning" title={title ?? t('vendors.held.title', { name })}>
      <BlockStack gap="150">
        <Text as="p" breakWord>
          {t('vendors.held.reason', { reason })}
        </Text>
        <Text as="p">
          {until
            ? t('vendors.held.until', { since: time(since), until: time(until) })
            : t('vendors.held.since', { since: time(since) })}
        </Text>
        {!title && days && <Text as="p">{t('vendors.held.meanwhile', { days })}</Text>}
        {!title && off && <Text as="p">{t('vendors.held.off', { name })}</Text>}
        {!title && <Text as="p">{t('vendors.held.stays')}</Text>}
        <WhomToAsk />
      </BlockStack>
    </Banner>
  )
}

/** The support contact of this installation; without one, whoever installed the app is asked. */
export function WhomToAsk() {
  const { t } = useTranslation()
  const { email, url } = useContext(SupportContext)
  if (!email && !url) return <Text as="p">{t('vendors.held.askAnyone')}</Text>
  return (
    <Text as="p" breakWord>
      {t('vendors.held.ask')}{' '}
      {email && (
        <Link url={`mailto:${email}`} target="_top">
          {email}
        </Link>
      )}
      {email && url && ' · '}
      {url && (
        <Link url={url} target="_blank">
          {t('vendors.held.page')}
        </Link>
      )}
    </Text>
  )
}
