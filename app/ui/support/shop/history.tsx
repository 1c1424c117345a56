/** What became of a connection: fetched when it is opened, fifty lines at a time. */
import { useFetcher } from '@remix-run/react'
import { BlockStack, Button, InlineStack, Text } from '@shopify/polaris'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { History as Page } from '../../../runtime/support-shop.ts'
import { useTime } from '../../times.ts'
import { useToldOnce } from '../../told-once.ts'
import { supportWords } from '../../vendor-words.ts'
import { Fold } from './fold.tsx'

type Props = { at: string; id: string; name: string }

/** As the audit names what nobody did: a hold that came to its end. */
const BY_ITSELF = 'sluice'
/** Of which support wrote why. */
const SUPPORTS = ['hold', 'hold_changed', 'release']
/** Where nobody of support did it, the merchant did. */
const SWITCHES = ['on', 'off']

export function History({ at, id, name }: Props) {
  const { t, i18n } = useTranslation()
  const time = useTime()
  const fetcher = useFetcher<Page | { failed: true }>()
  const [pages, setPages] = useState<Page[]>([])
  const isFurther = useRef(false)
  const load = (after: Page['older'] = null) => {
    isFurther.current = after !== null
    const place = { ...(after?.change && { change: after.change }), ...after?.alert }
    fetcher.load(`${at}/history?${new URLSearchParams({ vendor: id, ...place })}`)
  }
  useToldOnce(fetcher, answer => {
    if (!('lines' in answer)) return
    const further = isFurther.current
    isFurther.current = false
    // After each action, and with each look of the page, Remix asks by itself once more for what was asked for last.
    setPages(before => [...(further ? before : before.slice(0, -1)), answer])
  })
  const lines = pages.flatMap(page => page.lines)
  const older = pages.at(-1)?.older ?? null
  const word = (list: 'what' | 'kind', code: string) => {
    const found: unknown = i18n.getResource('en', 'texts', `support.shop.history.${list}.${code}`)
    return typeof found === 'string' ? found : code
  }
  /** What support wrote stays as it is. */
  const said = (what: string, message: string | null) =>
    message === null || SUPPORTS.includes(what) ? message : supportWords(message)
  const by = (what: string, actor: string | null) => {
    if (actor === BY_ITSELF) return t('support.shop.history.byItself')
    if (actor !== null) return t('support.shop.history.by', { actor })
    return SWITCHES.includes(what) ? t('support.shop.history.byMerchant') : null
  }
  const loading = fetcher.state !== 'idle'
  const failed = !loading && fetcher.data !== undefined && 'failed' in fetcher.data
  return (
    <Fold label={t('support.shop.history.title')} onOpen={() => pages.length === 0 && !loading && load()}>
      <BlockStack gap="200">
        {pages.length > 0 && lines.length === 0 && <Text as="p">{t('support.shop.history.none')}</Text>}
        {lines.length > 0 && (
          <ol
            aria-label={t('support.shop.history.list', { name })}
            style={{ listStyle: 'none', margin: 0, padding: 0 }}
          >
            {lines.map(({ at: when, what, kind, message, actor, reason }, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines are only added at the end, and two may say the same
              <li key={place} style={{ paddingBlockEnd: '0.25rem' }}>
                <Text as="span" tone="subdued">
                  {time(when)}
                </Text>{' '}
                <Text as="span" breakWord>
                  {[
                    word('what', what),
                    kind && word('kind', kind),
                    said(what, message),
                    reason !== message && reason,
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                </Text>
                {by(what, actor) && (
                  <Text as="span" tone="subdued" breakWord>
                    {` · ${by(what, actor)}`}
                  </Text>
                )}
              </li>
            ))}
          </ol>
        )}
        <output>{loading ? t('support.shop.history.loading') : ''}</output>
        {failed && (
          <InlineStack gap="200" blockAlign="center">
            <Text as="span" tone="critical">
              {t('support.shop.history.failed')}
            </Text>
            <Button onClick={() => load(older)}>{t('support.shop.history.again')}</Button>
          </InlineStack>
        )}
        {older && !failed && (
          <InlineStack>
            <Button onClick={() => load(older)} loading={loading}>
              {t('support.shop.history.more')}
            </Button>
          </InlineStack>
        )}
      </BlockStack>
    </Fold>
  )
}
