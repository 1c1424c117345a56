import { BlockStack, Button, Card, InlineStack, Select, Text, TextField } from '@shopify/polaris'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { PreviewPage } from '../../runtime/merchant-preview.ts'
import { useWord } from '../activity/words.ts'
import type { Unanswered } from '../answered.ts'
import { focusFirstProblem } from '../focus.ts'
import { useTime } from '../times.ts'
import { NotDoneAbove } from '../unanswered.tsx'

/** `event` null: a sample; not given: the latest. `find`: an order that is looked for; without events of it the rest counts. */
export type Asked = { type?: string; event?: string | null; order?: string | null; find?: string }
type Props = {
  /** `isOpen`: which of the events is not known before the page has come. */
  page: Pick<PreviewPage, 'types' | 'type' | 'order' | 'missing' | 'recent' | 'eventId'> & {
    isOpen?: boolean
  }
  busy: boolean
  /** That an order could not be looked for; null: it could. */
  unanswered: Unanswered | null
  onChoose(asked: Asked): void
  onFind(asked: Asked & { find: string }): void
}

/**
 * Which event is looked at: a type, and one of its last events or a sample; or those of an order. Nothing of it is off while that
 * loads: whoever works by keyboard would lose their place.
 */
export function Choose({ page, busy, unanswered, onChoose, onFind }: Props) {
  const { t } = useTranslation()
  const word = useWord()
  const time = useTime()
  const { types, type, order, missing, recent, eventId, isOpen = false } = page
  const form = useRef<HTMLFormElement>(null)
  const isSought = useRef(false)
  useEffect(() => {
    if (busy || !isSought.current) return
    isSought.current = false
    if (!unanswered) focusFirstProblem(form.current)
  }, [busy, unanswered])
  const [number, setNumber] = useState(missing ?? order ?? '')
  const [found, setFound] = useState(order)
  // Not by a key: what has the focus would be drawn anew without it.
  if (found !== order) {
    setFound(order)
    setNumber(order ?? '')
  }
  const typeName = (each: string) => word('type', each) ?? each
  const typesShown = types.some(each => each === type) ? types : [type, ...types]
  const events = recent.map(({ id, type: own, about, receivedAt }) => ({
    value: id,
    label: [order === null ? null : typeName(own), about, time(receivedAt)].filter(Boolean).join(' · '),
  }))
  // One that is older than the last of its type was asked for by its address.
  const asked = eventId !== null && !events.some(({ value }) => value === eventId)
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          {t('preview.choose')}
        </Text>
        {order === null ? (
          <Select
            label={t('preview.type')}
            options={typesShown.map(each => ({ value: each, label: typeName(each) }))}
            value={type}
            onChange={value => onChoose({ type: value })}
          />
        ) : (
          <InlineStack>
            <Button onClick={() => onChoose({ type })}>{t('preview.clear')}</Button>
          </InlineStack>
        )}
        <Select
          label={t('preview.which')}
          options={
            isOpen
              ? [{ value: '', label: t('preview.loading') }]
              : [
                  { value: '', label: t('preview.sample') },
                  ...(asked ? [{ value: eventId, label: typeName(type) }] : []),
                  ...events,
                ]
          }
          value={eventId ?? ''}
          onChange={event =>
            onChoose(event ? { ...(order === null ? { type } : { order }), event } : { type, event: null })
          }
        />
        {recent.length === 0 && (
          <Text as="p" tone="subdued">
            {t('preview.noneYet')}
          </Text>
        )}
        <form
          ref={form}
          onSubmit={event => {
            event.preventDefault()
            const find = number.trim()
            if (!find) return
            isSought.current = true
            onFind({ type, order, event: eventId, find })
          }}
        >
          <NotDoneAbove answer={unanswered} />
          <TextField
            label={t('preview.order')}
            value={number}
            onChange={setNumber}
            autoComplete="off"
            maxLength={100}
            error={missing !== null && missing === number.trim() && t('preview.noOrder', { order: missing })}
            connectedRight={<Button submit>{t('preview.find')}</Button>}
          />
        </form>
      </BlockStack>
    </Card>
  )
}
