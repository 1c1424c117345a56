/** What became of a connection: fetched when it is opened, fifty lines at a time. */
import { useFetcher } from '@remix-run/react'
import { BlockStack, Button, InlineStack, Text } from '@shopify/polaris'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { History as Page } from '../../../runtime/support-shop.ts'
import { useTime } from '../../times.ts'
import { useToldOnce } from '../../told-once.ts'
import { supportWords } from '../../vendor-words.ts'
import { Fold } from './fold.tsx'

type Props = { at: string; id: string; name: string }
type Answer = Page | { failed: true }
type Place = NonNullable<Page['older']>
type Further = { after: Place; page: Page }

/** As the audit names what nobody did: a hold that came to its end. */
const BY_ITSELF = 'sluice'
/** Of which support wrote why. */
const SUPPORTS = ['hold', 'hold_changed', 'release']
/** Where nobody of support did it, the merchant did. */
const SWITCHES = ['on', 'off']

const isSame = (one: Place, other: Page['older']) => JSON.stringify(one) === JSON.stringify(other)

/** Each begins where the one before it ends: what has come since moves the end of the newest, and what followed is not shown until it is asked for. */
function joined(first: Page, rest: readonly Further[]): Page[] {
  const pages = [first]
  for (const { after, page } of rest) if (isSame(after, pages.at(-1)?.older ?? null)) pages.push(page)
  return pages
}

export function History({ at, id, name }: Props) {
  const { t, i18n } = useTranslation()
  const time = useTime()
  const newest = useFetcher<Answer>()
  const further = useFetcher<Answer>()
  const [first, setFirst] = useState<Page | null>(null)
  const [rest, setRest] = useState<Further[]>([])
  /** What was asked for last beyond the newest. */
  const [asked, setAsked] = useState<Place | null>(null)
  const address = (place: Partial<Place> = {}) =>
    `${at}/history?${new URLSearchParams({ vendor: id, ...(place.change && { change: place.change }), ...place.alert })}`
  const loadNewest = () => newest.load(address())
  const loadFurther = (place: Place) => {
    setAsked(place)
    further.load(address(place))
  }
  // After each action, and with each look of the page, Remix asks by itself once more for what was asked for last, of both.
  useToldOnce(newest, answer => {
    if ('lines' in answer) setFirst(answer)
  })
  useToldOnce(further, answer => {
    if (!('lines' in answer) || !asked) return
    setRest(before => [
      ...before.filter(({ after }) => !isSame(after, asked)),
      { after: asked, page: answer },
    ])
  })
  const pages = first ? joined(first, rest) : []
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
  const isFurther = asked !== null && isSame(asked, older)
  const { state, data } = isFurther ? further : newest
  const loading = state !== 'idle'
  const failed = !loading && data !== undefined && 'failed' in data
  return (
    <Fold label={t('support.shop.history.title')} onOpen={() => first === null && !loading && loadNewest()}>
      <BlockStack gap="200">
        {first && lines.length === 0 && <Text as="p">{t('support.shop.history.none')}</Text>}
        {lines.length > 0 && (
          <ol
            aria-label={t('support.shop.history.list', { name })}
            style={{ listStyle: 'none', margin: 0, padding: 0 }}
          >
            {lines.map(({ at: when, what, kind, message, actor, reason }, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have nothing of their own but text, and two may say the same
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
            <Button onClick={() => (isFurther ? loadFurther(asked) : loadNewest())}>
              {t('support.shop.history.again')}
            </Button>
          </InlineStack>
        )}
        {older && !failed && (
          <InlineStack>
            <Button onClick={() => loadFurther(older)} loading={loading}>
              {t('support.shop.history.more')}
            </Button>
          </InlineStack>
        )}
      </BlockStack>
    </Fold>
  )
}
