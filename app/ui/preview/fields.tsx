import { Badge, BlockStack, InlineStack, Link, Tag, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { Traced } from '../../runtime/merchant-preview.ts'
import { useSay } from '../i18n.ts'
import { atSetting } from '../vendors/key-field.tsx'
import { useFieldName } from './words.ts'

/** `settings`: where the tool is set up; null: the page is that already. */
type Props = { name: string; fields: readonly Traced[]; level: 'h3' | 'h4'; settings: string | null }

/** Where each field of an event goes, and why others do not. */
export function Fields({ name, fields, level, settings }: Props) {
  const { t } = useTranslation()
  const sent = fields.filter(isSent)
  const left = fields.filter(field => !isSent(field))
  return (
    <BlockStack gap="400">
      <BlockStack gap="200">
        <Text as={level} variant="headingSm">
          {t('preview.fieldsSent')}
        </Text>
        <SentFields fields={sent} />
      </BlockStack>
      {left.length > 0 && (
        <BlockStack gap="200">
          <Text as={level} variant="headingSm">
            {t('preview.fieldsLeft')}
          </Text>
          <LeftFields name={name} fields={left} settings={settings} />
        </BlockStack>
      )}
    </BlockStack>
  )
}

const isSent = ({ known, goes, decides }: Traced) => known && (goes.length > 0 || decides)

const ROW = {
  display: 'flex',
  flexWrap: 'wrap',
  gap: '0.25rem 1rem',
  justifyContent: 'space-between',
  paddingBlock: '0.25rem',
  borderBlockEnd: '1px solid var(--p-color-border-secondary)',
} as const

/** Fields beside each other, and below them what is true of them all. */
const GROUP = { ...ROW, justifyContent: 'start', gap: '0.25rem', paddingBlock: '0.5rem' } as const

function SentFields({ fields }: { fields: readonly Traced[] }) {
  const { t } = useTranslation()
  const nameOf = useFieldName()
  const placeOf = usePlace()
  return (
    <dl style={{ margin: 0 }}>
      {fields.map(({ field, goes, decides, needed }) => (
        <div key={field} style={ROW}>
          <dt>
            <InlineStack gap="150" blockAlign="center">
              <Text as="span">{nameOf(field)}</Text>
              {needed !== null && <Badge tone="attention">{t('preview.needed')}</Badge>}
            </InlineStack>
          </dt>
          <dd style={{ margin: 0, overflowWrap: 'anywhere' }}>
            {goes.length === 0
              ? decides && t('preview.decides')
              : goes.map((place, at) => (
                  <span key={place}>
                    {at > 0 && ', '}
                    {placeOf(place)}
                  </span>
                ))}
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** Fields with the same reason stand together. */
function LeftFields({ name, fields, settings }: Omit<Props, 'level'>) {
  const nameOf = useFieldName()
  const why = useWhyLeft(name)
  const groups = Map.groupBy(fields, field => JSON.stringify(why(field)))
  return (
    <dl style={{ margin: 0 }}>
      {[...groups].map(([key, same]) => (
        <div key={key} style={GROUP}>
          {same.map(({ field }) => (
            <dt key={field}>
              <Tag>{nameOf(field)}</Tag>
            </dt>
          ))}
          <dd style={{ margin: 0, flexBasis: '100%', overflowWrap: 'anywhere' }}>
            {same.slice(0, 1).map(first => (
              <Why key={key} {...why(first)} settings={settings} />
            ))}
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** `see`: the settings that it depends on. */
type Left = { reason: string; see: Traced['elsewhere'] }

function Why({ reason, see, settings }: Left & Pick<Props, 'settings'>) {
  const say = useSay()
  return (
    <>
      {reason}
      {see.map(({ setting, label }, at) => (
        <span key={setting}>
          {at > 0 ? ', ' : ' '}
          {settings === null ? say(label) : <Link url={atSetting(settings, setting)}>{say(label)}</Link>}
        </span>
      ))}
    </>
  )
}

function useWhyLeft(name: string): (field: Traced) => Left {
  const { t } = useTranslation()
  const nameOf = useFieldName()
  const reasonOf = ({ known, goes, elsewhere, standsInFor }: Traced) => {
    if (!known && goes.length > 0)
      return t('preview.why.would', {
        places: goes.map(place => place || t('preview.address')).join(', '),
      })
    if (standsInFor.length > 0)
      return t('preview.why.standsIn', { fields: standsInFor.map(nameOf).join(', ') })
    if (elsewhere.length > 0) return null
    return known ? t('preview.why.none', { name }) : t('preview.why.unknown')
  }
  return field => {
    const reason = reasonOf(field)
    return reason === null ? { reason: t('preview.why.setting'), see: field.elsewhere } : { reason, see: [] }
  }
}

function usePlace() {
  const { t } = useTranslation()
  return (place: string) => (place === '' ? t('preview.address') : <code>{place}</code>)
}
