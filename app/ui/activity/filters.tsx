import { useFetcher } from '@remix-run/react'
import {
  BlockStack,
  Box,
  Button,
  Card,
  Checkbox,
  Collapsible,
  InlineGrid,
  InlineStack,
  Select,
  type SelectProps,
  Text,
  TextField,
} from '@shopify/polaris'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Unanswered } from '../answered.ts'
import { useDayLabel, useMinute, useTime } from '../times.ts'
import { NotDoneAbove } from '../unanswered.tsx'
import { AskedFor } from './asked.tsx'
import { actionAt, LATELY, OUTCOMES, replayedAt, type SearchTexts, useNewer, useWord } from './words.ts'

type Props = {
  /** The page's own address. */
  at: string
  texts: SearchTexts
  vendors: readonly { id: string; name: string }[]
  types: readonly string[]
  /** Whose events were found, masked; null: nobody's, or it is not known. */
  person: string | null
  /** Whether a person's e-mail may be asked for. */
  byPerson: boolean
  /** Of which zone days are, where that is not the zone of the page's times; null: UTC. */
  days: string | null
  busy: boolean
}

/** From and to are given by hand. */
const OWN = 'own' as const
const BOUNDS = ['since', 'until'] as const

/** What is asked for. It is sent, not put into the page's address by the browser: an address must not name a person. */
export function Filters({ at, texts, vendors, types, person, byPerson, days, busy }: Props) {
  const { t } = useTranslation()
  const word = useWord()
  const newerWords = useNewer()
  const time = useTime()
  // Not a navigation: that would leave for the form's address, without what is typed, also where no answer comes.
  const finding = useFetcher<Unanswered>()
  const dayLabel = useDayLabel(days)
  const minute = useMinute(days)
  const [values, setValues] = useState({
    ...texts,
    since: minute(texts.since ?? '', 'first'),
    until: minute(texts.until ?? '', 'last'),
    email: '',
  })
  const [received, setReceived] = useState<string>(texts.lately ?? (texts.since || texts.until ? OWN : ''))
  const asked = Object.values(texts).some(value => value)
  const field = (name: keyof typeof values) => ({
    name,
    value: values[name] ?? '',
    onChange: (value: string) => {
      setValues(before => ({ ...before, [name]: value }))
      setUntimed([])
    },
  })
  const { since, until } = values
  const isBackwards = received === OWN && until !== '' && since > until
  // What is wrong is told at its field.
  const [open, setOpen] = useState(isBackwards)
  const isIncomplete = values.email !== '' && !/^\S+@\S+\.\S+$/.test(values.email.trim())
  const [undelivered, setUndelivered] = useState(Boolean(texts.undelivered))
  const [tried, setTried] = useState(false)
  const [untimed, setUntimed] = useState<readonly string[]>([])
  // At each tool it is another one.
  const newer = values.vendor && texts.newer
  const reason = texts.reason && (word('reason', texts.reason) ?? texts.reason)
  return (
    <Card>
      <BlockStack gap="300">
        <InlineStack align="space-between" blockAlign="center">
          <Text as="h2" variant="headingMd">
            {t('activity.filter.title')}
          </Text>
          <Button
            disclosure={open ? 'up' : 'down'}
            ariaExpanded={open}
            ariaControls="activity-filters"
            onClick={() => setOpen(!open)}
          >
            {open ? t('activity.filter.hide') : t('activity.filter.show')}
          </Button>
        </InlineStack>
        {asked && !open && <AskedFor {...{ at, texts, vendors, person, days }} />}
        <Collapsible id="activity-filters" open={open}>
          <finding.Form
            method="post"
            action={actionAt(at)}
            noValidate
            onSubmit={event => {
              setTried(true)
              const { elements } = event.currentTarget
              const without = received === OWN ? untimedOf(elements) : []
              setUntimed(without)
              const wrong = isIncomplete ? 'email' : (without[0] ?? (isBackwards ? 'until' : null))
              if (wrong === null) return
              event.preventDefault()
              const field = elements.namedItem(wrong)
              if (field instanceof HTMLElement) field.focus()
            }}
          >
            <input type="hidden" name="intent" value="filter" />
            <BlockStack gap="300">
              <InlineGrid columns={{ xs: 1, sm: 2, md: 4 }} gap="300">
                <OneOf
                  label={t('activity.filter.type')}
                  options={types.map(value => ({ value, label: word('type', value) ?? value }))}
                  {...field('type')}
                />
                <OneOf
                  label={t('activity.filter.vendor')}
                  options={vendors.map(({ id, name }) => ({ value: id, label: name }))}
                  {...field('vendor')}
                />
                <OneOf
                  label={t('activity.filter.outcome')}
                  options={OUTCOMES.map(value => ({ value, label: t(`activity.outcome.${value}`) }))}
                  {...field('outcome')}
                />
                <TextField
                  label={t('activity.filter.order')}
                  placeholder="#1001"
                  autoComplete="off"
                  {...field('order')}
                />
                {byPerson && (
                  <TextField
                    label={t('activity.filter.email')}
                    type="email"
                    autoComplete="off"
                    error={tried && isIncomplete && t('activity.filter.incomplete')}
                    {...(texts.person && { helpText: t('activity.filter.person') })}
                    {...field('email')}
                  />
                )}
                <OneOf
                  label={t('activity.filter.received')}
                  options={[...LATELY, OWN].map(value => ({
                    value,
                    label: t(`activity.filter.lately.${value}`),
                  }))}
                  name="lately"
                  value={received}
                  onChange={setReceived}
                />
              </InlineGrid>
              {received === OWN && (
                <InlineGrid columns={{ xs: 1, sm: 2 }} gap="300">
                  <TextField
                    label={dayLabel(t('activity.filter.since'))}
                    type="datetime-local"
                    autoComplete="off"
                    error={untimed.includes('since') && t('activity.filter.when')}
                    {...field('since')}
                  />
                  <TextField
                    label={dayLabel(t('activity.filter.until'))}
                    type="datetime-local"
                    autoComplete="off"
                    error={
                      (untimed.includes('until') && t('activity.filter.when')) ||
                      (isBackwards && t('activity.filter.backwards'))
                    }
                    {...field('until')}
                  />
                </InlineGrid>
              )}
              {texts.person && !values.email && <input type="hidden" name="person" value={texts.person} />}
              {texts.placed && values.type === texts.type && (
                <Box>
                  <input type="hidden" name="placed" value={texts.placed} />
                  <Text as="p">{t('activity.filter.placed', { time: time(texts.placed) })}</Text>
                </Box>
              )}
              {texts.replay && (
                <Box>
                  <input type="hidden" name="replay" value={texts.replay} />
                  <Text as="p">{t('activity.filter.replay', { time: time(replayedAt(texts.replay)) })}</Text>
                </Box>
              )}
              {reason && values.outcome === texts.outcome && (
                <Box>
                  <input type="hidden" name="reason" value={texts.reason} />
                  {newer && <input type="hidden" name="newer" value={newer} />}
                  <Text as="p">{t('activity.filter.reason', { reason })}</Text>
                  {newer && <Text as="p">{newerWords(newer)}</Text>}
                </Box>
              )}
              {texts.undelivered && values.outcome === texts.outcome && (
                <Checkbox
                  name="undelivered"
                  value="on"
                  label={t('activity.filter.undelivered')}
                  helpText={t('activity.filter.undeliveredHelp')}
                  checked={undelivered}
                  onChange={setUndelivered}
                />
              )}
              <div>
                <NotDoneAbove answer={finding.state === 'idle' ? (finding.data ?? null) : null} />
                <InlineStack gap="200">
                  <Button submit variant="primary" loading={busy || finding.state !== 'idle'}>
                    {t('activity.filter.apply')}
                  </Button>
                  {asked && <Button url={at}>{t('activity.filter.clear')}</Button>}
                </InlineStack>
              </div>
            </BlockStack>
          </finding.Form>
        </Collapsible>
      </BlockStack>
    </Card>
  )
}

/** Which bounds want a date and a time: one that is filled in by half has no value, and would be left out; the first where there is none. */
function untimedOf(elements: HTMLFormControlsCollection): readonly string[] {
  const fields = BOUNDS.flatMap(name => {
    const field = elements.namedItem(name)
    return field instanceof HTMLInputElement ? [field] : []
  })
  const half = fields.filter(({ validity }) => validity.badInput)
  if (half.length > 0) return half.map(({ name }) => name)
  return fields.every(({ value }) => value === '') ? [BOUNDS[0]] : []
}

type OneOfProps = Pick<SelectProps, 'label' | 'name' | 'value' | 'onChange'> & {
  options: { value: string; label: string }[]
}

/** One of these, or any. */
function OneOf({ options, ...field }: OneOfProps) {
  const { t } = useTranslation()
  return <Select {...field} options={[{ label: t('activity.filter.any'), value: '' }, ...options]} />
}
