import { useFetcher } from '@remix-run/react'
import { Banner, BlockStack, Box, Button, Select, Text } from '@shopify/polaris'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ShownPreview } from '../../runtime/merchant-preview.ts'
import type { FormRow, FormValues } from '../../runtime/merchant-vendors.ts'
import { useWord } from '../activity/words.ts'
import type { Unanswered } from '../answered.ts'
import { Dialog } from '../dialog.tsx'
import { useSay } from '../i18n.ts'
import { NotDone } from '../unanswered.tsx'
import { Result } from './result.tsx'

type Props = { id: string; name: string; rows: readonly FormRow[]; values: FormValues; disabled: boolean }
type Answer = Unanswered | { preview: ShownPreview } | { problems: Record<string, string> }

/** What would be sent by a form as it stands, of a sample; nothing is saved. */
export function UnsavedPreview({ id, name, rows, values, disabled }: Props) {
  const { t } = useTranslation()
  const word = useWord()
  const say = useSay()
  const fetcher = useFetcher<Answer>()
  const [type, setType] = useState<string | null>(null)
  const show = (chosen: string) => {
    setType(chosen)
    fetcher.submit({ ...values, type: chosen }, { method: 'post', action: `/app/vendors/${id}/preview` })
  }
  const first = rows.find(row => values[row.name] === 'on') ?? rows[0]
  const { data } = fetcher
  const busy = fetcher.state !== 'idle'
  return (
    <>
      <Button disabled={disabled || !first} onClick={() => first && show(first.type)}>
        {t('preview.unsaved')}
      </Button>
      {type !== null && (
        <Dialog
          size="large"
          title={t('preview.unsaved')}
          onClose={() => setType(null)}
          secondaryActions={[{ content: t('preview.close'), onAction: () => setType(null) }]}
        >
          <BlockStack gap="400">
            <Text as="p">{t('preview.unsavedHelp')}</Text>
            <Select
              label={t('preview.type')}
              options={rows.map(row => ({ value: row.type, label: word('type', row.type) ?? row.type }))}
              value={type}
              onChange={show}
            />
            <div aria-live="polite" aria-busy={busy}>
              {busy || !data ? (
                <Text as="p">{t('preview.loading')}</Text>
              ) : 'kind' in data ? (
                <NotDone answer={data} />
              ) : 'problems' in data ? (
                <Banner tone="critical" title={t('vendors.form.invalid')}>
                  {Object.entries(data.problems).map(([field, problem]) => (
                    <Box key={field}>{say(problem)}</Box>
                  ))}
                </Banner>
              ) : (
                <Result name={name} preview={data.preview} note={t('preview.invented')} settings={null} />
              )}
            </div>
          </BlockStack>
        </Dialog>
      )}
    </>
  )
}
