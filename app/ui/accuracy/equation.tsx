import { Link, Text } from '@shopify/polaris'
import type { CSSProperties } from 'react'
import { useTranslation } from 'react-i18next'
import { useShare } from '../share.ts'
import { useNumber } from './words.ts'

/** `count`: null where it is not known, which `awaited` says is for now. `url`: the list of what it counts. `note`: what is said of some of it. */
export type Term = {
  key: string
  words: string
  note?: string | null
  count: number | null
  url: string | null
  external?: boolean
}
type Props = {
  label: string
  /** What its rows say, where that is not what became of orders. */
  head?: string
  terms: readonly Term[]
  total: Term
  awaited?: boolean
}

const TABLE: CSSProperties = { width: '100%', borderCollapse: 'collapse' }
const WORDS: CSSProperties = {
  width: '100%',
  textAlign: 'start',
  padding: 'var(--p-space-150) 0',
  fontWeight: 'inherit',
}
const NUMBER: CSSProperties = {
  textAlign: 'end',
  padding: 'var(--p-space-150) 0 var(--p-space-150) var(--p-space-400)',
  fontVariantNumeric: 'tabular-nums',
  whiteSpace: 'nowrap',
  verticalAlign: 'top',
}
const LINE: CSSProperties = { borderBlockStart: '1px solid var(--p-color-border)' }
const SUM: CSSProperties = { borderBlockStart: '2px solid var(--p-color-border-inverse)' }

/** What a number of orders consists of, to be added up: a row each, the sum below. */
export function Equation({ label, head, terms, total, awaited = false }: Props) {
  const { t } = useTranslation()
  return (
    <table aria-label={label} style={TABLE}>
      <thead>
        <tr>
          <th scope="col" style={WORDS}>
            <Text as="span" variant="bodySm" tone="subdued">
              {head ?? t('accuracy.table.what')}
            </Text>
          </th>
          {(['orders', 'share'] as const).map(name => (
            <th key={name} scope="col" style={NUMBER}>
              <Text as="span" variant="bodySm" tone="subdued">
                {t(`accuracy.table.${name}`)}
              </Text>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {terms.map((term, place) => (
          <Line
            key={term.key}
            term={term}
            sign={(term.count ?? 0) < 0 ? '−' : place > 0 ? '+' : ''}
            of={total.count}
            awaited={awaited}
          />
        ))}
        <Line term={total} sign={terms.length > 0 ? '=' : ''} of={total.count} awaited={awaited} sum />
      </tbody>
    </table>
  )
}

type LineProps = { term: Term; sign: string; of: number | null; awaited: boolean; sum?: boolean }

function Line({ term, sign, of, awaited, sum = false }: LineProps) {
  const { t } = useTranslation()
  const number = useNumber()
  const share = useShare()
  const { words, note, count, url, external } = term
  const shown = count === null ? (awaited ? '…' : '–') : number(Math.abs(count))
  const weight = sum ? 'semibold' : 'regular'
  return (
    <tr style={sum ? SUM : LINE}>
      <th scope="row" style={WORDS}>
        <Text as="span" fontWeight={weight} breakWord>
          {words}
        </Text>
        {note && (
          <Text as="p" variant="bodySm" tone="subdued" breakWord>
            {note}
          </Text>
        )}
      </th>
      <td style={NUMBER}>
        <Text as="span" tone="subdued">
          {sign}{' '}
        </Text>
        {url ? (
          <Link
            url={url}
            accessibilityLabel={t('accuracy.table.link', { what: words, number: shown })}
            {...(external && { target: '_top' as const })}
          >
            <Text as="span" fontWeight={weight}>
              {shown}
            </Text>
          </Link>
        ) : (
          <Text as="span" fontWeight={weight}>
            {shown}
          </Text>
        )}
      </td>
      <td style={NUMBER}>
        <Text as="span" tone="subdued">
          {/* What is taken away is a part of nothing, and nothing is more than all. */}
          {of !== null && of > 0 && count !== null && count >= 0 && count <= of ? share(count / of) : '–'}
        </Text>
      </td>
    </tr>
  )
}
