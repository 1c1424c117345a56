/** When the page's numbers were asked for: it goes on renewing itself after something was done, and may stand open for hours. */
import { Box, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { useTime } from '../../times.ts'

/** In no live region: it is read where it stands, and not at each renewal. @param at ISO 8601 */
export function AsOf({ at }: { at: string }) {
  const { t } = useTranslation()
  const time = useTime()
  return (
    <Box paddingInline={{ xs: '400', sm: '0' }}>
      <Text as="p" variant="bodySm" tone="subdued">
        <time dateTime={at}>{t('support.shop.asOf', { time: time(at) })}</time>
      </Text>
    </Box>
  )
}
