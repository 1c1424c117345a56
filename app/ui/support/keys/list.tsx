/** Each key by its name: what it is for, what is under it, and whether it can be taken out. */
import { Badge, BlockStack, Divider, InlineStack, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { KeyIds, KeyUse } from '../../../runtime/support-keys.ts'
import { useNumber } from '../../accuracy/words.ts'
import { Part } from '../../part.tsx'
import { underKey } from './words.ts'

/** `uses`: null while nothing has been counted. */
type Props = { ids: KeyIds; uses: readonly KeyUse[] | null }
type State = 'seals' | 'opens' | 'unknown'
const TONES = { seals: 'success', unknown: 'critical' } as const

export function KeyList({ ids: { first, others }, uses }: Props) {
  const { t } = useTranslation()
  const known = [first, ...others]
  const unknown = [...new Set(uses?.map(({ key }) => key))].filter(key => !known.includes(key))
  const stateOf = (id: string): State => (id === first ? 'seals' : known.includes(id) ? 'opens' : 'unknown')
  return (
    <Part title={t('support.keys.list')}>
      <BlockStack as="ul" gap="300">
        {[...known, ...unknown].map((id, place) => (
          <li key={id} style={{ listStyle: 'none' }}>
            <BlockStack gap="300">
              {place > 0 && <Divider />}
              <Key id={id} state={stateOf(id)} first={first} uses={uses} />
            </BlockStack>
          </li>
        ))}
      </BlockStack>
    </Part>
  )
}

type KeyProps = { id: string; state: State; first: string; uses: Props['uses'] }

function Key({ id, state, first, uses }: KeyProps) {
  const { t } = useTranslation()
  return (
    <BlockStack gap="100">
      <InlineStack gap="200" blockAlign="center">
        <Text as="h3" variant="headingSm" breakWord>
          {id}
        </Text>
        <Badge {...(state !== 'opens' && { tone: TONES[state] })}>{t(`support.keys.${state}`)}</Badge>
      </InlineStack>
      {uses && <Under state={state} first={first} {...underKey(uses, id)} />}
    </BlockStack>
  )
}

function Under({ state, first, all, spooled }: Omit<KeyProps, 'id' | 'uses'> & ReturnType<typeof underKey>) {
  const { t } = useTranslation()
  const number = useNumber()
  if (state === 'opens' && all === 0) return <Text as="p">{t('support.keys.drop', { first })}</Text>
  return (
    <>
      <Text as="p">{t('support.keys.under', { count: all, number: number(all) })}</Text>
      {state !== 'seals' && spooled > 0 && (
        <Text as="p">{t('support.keys.spooled', { count: spooled, number: number(spooled) })}</Text>
      )}
      {state === 'opens' && <Text as="p">{t('support.keys.keep')}</Text>}
      {state === 'unknown' && <Text as="p">{t('support.keys.lost')}</Text>}
    </>
  )
}
