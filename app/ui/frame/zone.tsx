import { Box, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { useTimes, useZoneName } from '../times.ts'

/** By whose clock a page's times are, told once. In UTC each says so itself. */
export function ZoneNote() {
  const { t } = useTranslation()
  const zone = useZoneName()
  // A browser may not know a zone that is known here: its times are in UTC, whatever the days are.
  if (useTimes().zone === null) return null
  return (
    <Box padding="400">
      <Text as="p" variant="bodySm" tone="subdued" alignment="center">
        {t('frame.zone', { zone })}
      </Text>
    </Box>
  )
}
