import { Banner, Box } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { Kept } from './kept-page.ts'
import { useTimes } from './times.ts'

/** Below the page, where nothing that somebody is at is moved by it, and in sight all the same. */
const IN_SIGHT = { position: 'sticky', insetBlockEnd: 'var(--p-space-400)', zIndex: 1 } as const

/** That a page could not be had anew, why, and of when it is. */
export function KeptNote({ kept }: Pick<Kept<object>, 'kept'>) {
  const { t } = useTranslation()
  const times = useTimes()
  return (
    <div aria-live="polite" style={IN_SIGHT}>
      {kept && (
        <Box paddingBlockStart="400">
          <Banner tone="warning">
            <p>{t(`frame.kept.${kept.why}`, { time: times.clock(kept.asOf, new Date()) })}</p>
          </Banner>
        </Box>
      )}
    </div>
  )
}
