import { Badge } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'

/** Marks what a merchant sent to test, wherever it is shown among what happened. */
export function TestBadge() {
  const { t } = useTranslation()
  return <Badge tone="info">{t('activity.source.test')}</Badge>
}
