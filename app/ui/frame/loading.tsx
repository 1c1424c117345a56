/** What stands in a page's place while the next one is fetched. */
import { useLocation, useNavigation } from '@remix-run/react'
import { BlockStack, Card, SkeletonBodyText, SkeletonDisplayText, SkeletonPage } from '@shopify/polaris'
import { type ReactNode, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'

/** What comes sooner than this is not worth a flicker. */
const PATIENCE_MS = 250

/** Another page is on its way, and takes its time. What stays on the same page, such as a filter, says so itself. */
function useIsLate(): boolean {
  const { state, location: next } = useNavigation()
  const { pathname } = useLocation()
  const leaving = state !== 'idle' && next.pathname !== pathname
  const [late, setLate] = useState(false)
  useEffect(() => {
    if (!leaving) return setLate(false)
    const timer = setTimeout(() => setLate(true), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [leaving])
  return leaving && late
}

export function Loading({ children }: { children: ReactNode }) {
  const { t } = useTranslation()
  const isLate = useIsLate()
  return (
    <>
      <output
        style={{ position: 'absolute', width: 1, height: 1, overflow: 'hidden', clipPath: 'inset(50%)' }}
      >
        {isLate ? t('frame.loading') : ''}
      </output>
      {isLate && (
        <div aria-hidden>
          <SkeletonPage>
            <BlockStack gap="400">
              {[3, 6].map(lines => (
                <Card key={lines}>
                  <BlockStack gap="300">
                    <SkeletonDisplayText size="small" />
                    <SkeletonBodyText lines={lines} />
                  </BlockStack>
                </Card>
              ))}
            </BlockStack>
          </SkeletonPage>
        </div>
      )}
      <div hidden={isLate}>{children}</div>
    </>
  )
}
